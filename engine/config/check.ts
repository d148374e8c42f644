import type { Ajv2020, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js'
import type { JsonSchema } from '../options.ts'
import { loadAjv } from './ajv.ts'
import type { FaultLog, Path, Span } from './faults.ts'
import { didYouMean, nearest } from './nearest.ts'
import { type ReadyCheck, readyCheck } from './ready-check.ts'
import { type Node, nodeAt } from './tree.ts'
import type { Values } from './values.ts'
import { describe } from './wording.ts'

/** Checks values against a schema and reports what is wrong in the words of the file. */
export interface Validator {
  check(part: { schema: JsonSchema; values: Values; node: Node; path: Path; at: Span }, faults: FaultLog): Promise<void>
}

/** A schema is compiled only when there is no ready check of it, or something is wrong: then ajv says what. */
export function createValidator(): Validator {
  const ready = new Map<JsonSchema, ReadyCheck | undefined>()
  const compile = compiler()
  return {
    async check({ schema, values, node, path, at }, faults) {
      if (!ready.has(schema)) ready.set(schema, await readyCheck(schema))
      if (ready.get(schema)?.(values.value)) return
      const validate = await compile(schema)
      if (validate(values.value)) return
      for (const error of withoutEchoes(validate.errors ?? [])) {
        report(error, { node, path, at, unread: values.unread }, faults)
      }
    },
  }
}

/** Compiles each schema once. Only those of what a file uses: the schema of everything takes too long. */
function compiler(): (schema: JsonSchema) => Promise<ValidateFunction> {
  let ajv: Promise<Ajv2020> | undefined
  const compiled = new Map<JsonSchema, ValidateFunction>()
  return async (schema) => {
    ajv ??= loadAjv({ allErrors: true, verbose: true, code: { optimize: false } })
    const validate = compiled.get(schema) ?? (await ajv).compile(schema)
    compiled.set(schema, validate)
    return validate
  }
}

/** A value of the wrong type fails every other rule as well. */
function withoutEchoes(errors: readonly ErrorObject[]): ErrorObject[] {
  const mistyped = new Set(errors.filter(({ keyword }) => keyword === 'type').map(({ instancePath }) => instancePath))
  return errors.filter(({ keyword, instancePath }) => keyword === 'type' || !mistyped.has(instancePath))
}

interface Subject {
  readonly node: Node
  readonly path: Path
  /** Where the key of `node` stands. */
  readonly at: Span
  readonly unread: ReadonlySet<Node>
}

function report(error: ErrorObject, subject: Subject, faults: FaultLog): void {
  const steps = stepsOf(error.instancePath, subject.node)
  const found = nodeAt(subject.node, steps)
  if (found === undefined || subject.unread.has(found.node)) return
  const path = [...subject.path, ...steps]
  const schema = error.parentSchema as JsonSchema
  const key = found.key ?? subject.at
  if (error.keyword === 'additionalProperties') reportUnknown(error, found.node, schema, path, faults)
  else if (error.keyword === 'required') reportMissing(error, key, schema, path, faults)
  else faults.add({ at: isWritten(found.node) ? found.node : key, path, ...describe(error, found.node, schema) })
}

function isWritten(node: Node): boolean {
  return node.end > node.start
}

/** A JSON pointer as the steps through the tree. */
function stepsOf(pointer: string, root: Node): Path {
  const keys = pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
  return keys.map((key, index) => (nodeAt(root, keys.slice(0, index))?.node.kind === 'list' ? Number(key) : key))
}

function reportUnknown(error: ErrorObject, node: Node, schema: JsonSchema, path: Path, faults: FaultLog): void {
  const key = String(error.params.additionalProperty)
  const entry = node.kind === 'map' ? node.entries.find((one) => one.key === key) : undefined
  if (entry === undefined) return
  const properties = (schema.properties ?? {}) as { readonly [name: string]: JsonSchema }
  const known = Object.keys(properties)
  const meant = nearest(key, known)
  // A misspelt password is a password.
  if (meant !== undefined && properties[meant]?.writeOnly === true) faults.hide(entry.value)
  const hint = didYouMean(key, known) ?? (known.length > 0 ? `known here: ${known.join(', ')}` : undefined)
  faults.add({ code: 'SR_UNKNOWN_KEY', at: entry.place, path: [...path, key], message: 'unknown key', hint })
}

function reportMissing(error: ErrorObject, at: Span, schema: JsonSchema, path: Path, faults: FaultLog): void {
  const key = String(error.params.missingProperty)
  const option = (schema.properties as { readonly [name: string]: JsonSchema })[key]
  const hint = typeof option?.description === 'string' ? firstSentence(option.description) : undefined
  faults.add({ code: 'SR_MISSING_OPTION', at, path: [...path, key], message: `"${key}" is missing`, hint })
}

function firstSentence(text: string): string {
  return /^.*?[.](?=\s|$)/.exec(text)?.[0] ?? text
}
