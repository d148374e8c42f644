import type { JsonSchema } from '../options.ts'
import type { Json } from '../record.ts'
import { type FaultLog, isPlaceholder, type Path, type Span } from './faults.ts'
import { type Environment, fillPlaceholders } from './placeholders.ts'
import type { MapNode, Node, ScalarNode } from './tree.ts'

/** A part of the file as plain values, placeholders filled. */
export interface Values {
  readonly value: Json
  /** What a placeholder without an answer stands in: it counts as a valid value of any type. */
  readonly unread: ReadonlySet<Node>
  /** The expressions and templates in it, whose syntax is checked elsewhere. */
  readonly texts: readonly ParsedText[]
}

/** An option whose text has a syntax of its own. */
export interface ParsedText {
  readonly kind: 'expression' | 'template'
  readonly text: string
  readonly path: Path
  /** Written without quotes: what looks like a part of it may have ended it. */
  readonly isPlain: boolean
  /** Where a character of the text stands in the file. */
  spanAt(index: number): Span
}

/** The expression that `part` holds. */
export function parsedExpression(part: ScalarNode, text: string, path: Path): ParsedText {
  const isPlain = part.written === text
  return { kind: 'expression', text, path, isPlain, spanAt: (index) => character(part, index) }
}

/** Reads `node` as what `schema` describes; the schema alone tells expressions and secrets from other text. */
export function readValues(
  node: Node,
  schema: JsonSchema,
  path: Path,
  environment: Environment,
  faults: FaultLog,
): Values {
  const reader = new Reader(environment, faults)
  return { value: reader.read(node, schema, path), unread: reader.unread, texts: reader.texts }
}

class Reader {
  readonly unread = new Set<Node>()
  readonly texts: ParsedText[] = []
  /** Options that a placeholder filled with nothing, and that nothing is no value of. */
  readonly #leftOut = new Set<Node>()
  /** Schemas that refer to themselves, by name: a reference always stands inside what it refers to. */
  readonly #anchors = new Map<Json, JsonSchema>()
  readonly #environment: Environment
  readonly #faults: FaultLog

  constructor(environment: Environment, faults: FaultLog) {
    this.#environment = environment
    this.#faults = faults
  }

  read(part: Node, given: JsonSchema | undefined, path: Path): Json {
    const schema = this.#resolved(given)
    if (part.kind === 'scalar') return schema === undefined ? part.value : this.#scalar(part, schema, path)
    // A list or a map is no secret yet, but what somebody wrote into it is.
    if (schema?.writeOnly === true) this.#faults.hide(part)
    const below = (value: Node, step: string | number) => this.read(value, schemaOf(schema, step), [...path, step])
    return part.kind === 'list' ? part.items.map(below) : object(part, below, this.#leftOut)
  }

  #resolved(schema: JsonSchema | undefined): JsonSchema | undefined {
    if (schema?.$anchor !== undefined) this.#anchors.set(`#${schema.$anchor}`, schema)
    return schema?.$ref === undefined ? schema : this.#anchors.get(schema.$ref)
  }

  #scalar(part: ScalarNode, schema: JsonSchema, path: Path): Json {
    if (schema.writeOnly === true) this.#hide(part)
    if (typeof part.value !== 'string') return part.value
    return schema.format === 'jsonata'
      ? this.#expression(part, part.value, path)
      : this.#filled(part, part.value, schema, path)
  }

  #expression(part: ScalarNode, text: string, path: Path): Json {
    const placeholder = PLACEHOLDER.exec(text)
    if (placeholder !== null) this.#notFilled(part, placeholder, path)
    this.texts.push(parsedExpression(part, text, path))
    return text
  }

  /** Most stand in quotes there, where JSONata would compare with the text of the placeholder and say nothing. */
  #notFilled(part: ScalarNode, { 0: written, 1: name, index }: RegExpExecArray, path: Path): void {
    this.#faults.add({
      code: 'SR_PLACEHOLDER',
      at: { start: part.offsetOf(index), end: part.offsetOf(index + written.length) },
      path,
      message: 'expressions are not filled',
      hint: `write $env.${name}, outside of quotes`,
    })
  }

  #filled(part: ScalarNode, raw: string, schema: JsonSchema, path: Path): Json {
    const kind = schema.format === 'template' ? 'template' : 'text'
    const filling = fillPlaceholders(raw, kind, this.#environment, ({ start, end, ...fault }) => {
      this.#faults.add({ ...fault, at: { start: part.offsetOf(start), end: part.offsetOf(end) }, path })
    })
    for (const { secret, placeholder } of filling.secrets) this.#faults.redact(secret, placeholder)
    if (filling.unread) this.unread.add(part)
    else if (kind === 'template') {
      const spanAt = (index: number) => character(part, filling.rawIndex(index))
      this.texts.push({ kind, text: filling.text, path, isPlain: part.written === raw, spanAt })
    }
    if (filling.filled && filling.text === '' && !takesAnyText(schema)) this.#leftOut.add(part)
    return filling.filled ? asWanted(filling.text, schema) : filling.text
  }

  /** A secret that stands in the file itself. */
  #hide(part: ScalarNode): void {
    const text = String(part.value)
    if (isPlaceholder(text)) return
    this.#faults.hide(part)
    this.#faults.redact(text, '***')
  }
}

const PLACEHOLDER = /\$\{([A-Z_][A-Z0-9_]*)(?::[-?][^}]*)?\}/

/** The schema of what stands at `step` below. */
function schemaOf(schema: JsonSchema | undefined, step: string | number): JsonSchema | undefined {
  // What may be anything is anything further down, too: placeholders are filled there as well.
  if (schema === undefined || schema.type === undefined) return schema
  if (typeof step === 'number') return asSchema(schema.items)
  const properties = asSchema(schema.properties)
  const isListed = properties !== undefined && Object.hasOwn(properties, step)
  return asSchema(isListed ? properties[step] : schema.additionalProperties)
}

function asSchema(value: Json | undefined): JsonSchema | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonSchema) : undefined
}

/** Without a prototype, so that no key of a file finds anything but itself (CF-10). */
function object(
  map: MapNode,
  read: (value: Node, key: string) => Json,
  leftOut: ReadonlySet<Node>,
): { [key: string]: Json } {
  const result: { [key: string]: Json } = Object.create(null)
  for (const { key, value } of map.entries) {
    const found = read(value, key)
    if (!leftOut.has(value)) result[key] = found
  }
  return result
}

/** Not a number, a boolean, a duration, a size or one of a few words. */
function takesAnyText({ type, format, enum: words, pattern }: JsonSchema): boolean {
  const types = [type].flat()
  const isFree = (format === undefined || format === 'template') && words === undefined && pattern === undefined
  return type === undefined || (types.includes('string') && isFree)
}

/** What came in is text; it becomes a number or a boolean only where nothing else is taken. */
function asWanted(text: string, schema: JsonSchema): Json {
  const types = [schema.type].flat()
  if (types.includes('string')) return text
  if (types.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true'
  const isNumber = /^[-+]?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(text)
  return isNumber && (types.includes('number') || types.includes('integer')) ? Number(text) : text
}

function character(part: ScalarNode, index: number): Span {
  const start = part.offsetOf(index)
  return { start, end: Math.max(start + 1, part.offsetOf(index + 1)) }
}
