import { dirname, resolve } from 'node:path'
import { messageOf } from '../errors.ts'
import type { Json, JsonObject } from '../record.ts'
import { type Registry, withPlugins } from '../registry/index.ts'
import { loadError, loadOutside } from '../registry/outside.ts'
import type { Storage } from '../storage.ts'
import { findBypasses } from '../topology/bypass.ts'
import { describeGuarantee, unmetDemands } from '../topology/guarantee.ts'
import { findLoops } from '../topology/loops.ts'
import { resolveWiring, type Wiring } from '../topology/wiring.ts'
import { createValidator, type Validator } from './check.ts'
import { type Draft, draftComponents } from './components.ts'
import { connectDrafts } from './connections.ts'
import type { Definition } from './definition.ts'
import { readDocument } from './document.ts'
import { type Fault, type FaultLog, faultLog } from './faults.ts'
import { reportUnknownFields } from './field-checks.ts'
import { type Environment, filesNamed, leavesFolder } from './placeholders.ts'
import { reportOtherKeys, reportTwoWriters, runChecks } from './plugin-checks.ts'
import { buildDefinition } from './read.ts'
import { outlineSchema } from './schema.ts'
import { readTables } from './tables.ts'
import { type Node, nodeAt } from './tree.ts'
import { readValues, type Values } from './values.ts'

export type { Fault } from './faults.ts'
export { renderFault } from './faults.ts'
export { checkDefinitions } from './several.ts'

export interface LoadOptions {
  readonly storage: Storage
  /** What `${NAME}` is filled from; undefined: placeholders stay unread (`--no-env`). */
  readonly environment: Readonly<Record<string, string | undefined>> | undefined
  readonly registry: Registry
  readText(path: string): Promise<string>
  /** In place of the `state_dir` of the file. */
  readonly stateDir?: string | undefined
}

export type Loaded =
  | { readonly kind: 'ok'; readonly definition: Definition }
  | { readonly kind: 'faults'; readonly faults: readonly Fault[] }

/** Reads and checks a pipeline file: all of its faults in one go, or the definition. Nothing is started or written. */
export async function loadDefinition(file: string, options: LoadOptions): Promise<Loaded> {
  const text = await options.readText(file).catch((error: unknown) => ({ failed: messageOf(error) }))
  if (typeof text !== 'string') return { kind: 'faults', faults: [unreadable(file, text.failed)] }
  const withoutMark = text.replace(/^\ufeff/, '')
  const faults = faultLog(file, withoutMark)
  const definition = await checkFile(file, withoutMark, faults, options)
  return definition === undefined ? { kind: 'faults', faults: faults.list() } : { kind: 'ok', definition }
}

function unreadable(file: string, reason: string): Fault {
  const log = faultLog(file, '')
  log.add({ code: 'SR_DEFINITION_UNREADABLE', at: { start: 0, end: 0 }, message: `cannot be read: ${reason}` })
  return log.list()[0] as Fault
}

async function checkFile(
  file: string,
  text: string,
  faults: FaultLog,
  options: LoadOptions,
): Promise<Definition | undefined> {
  const root = readDocument(text, faults)
  if (root === undefined) return undefined
  const folder = resolve(dirname(file))
  const validator = createValidator()
  const environment = await readEnvironment(root, folder, options)
  const outline = await checkOutline(root, validator, environment, faults)
  const values = asObject(outline.value)
  const registry = await addOutside(root, outline, folder, options, faults)
  const references = { storage: options.storage, definitionFolder: folder }
  const tables = await readTables(root, outline, references, faults)
  const language = { tables, regexEngine: values.regex_engine === 're2' ? 're2' : 'javascript' } as const
  const checking = { faults, environment, registry, validator, language }
  const drafted = connectDrafts(await draftComponents(root, checking), faults)
  const drafts = drafted.filter(({ kind }) => kind !== 'connection')
  const wiring = checkWiring(drafts, faults)
  const checks = await runChecks(drafted, references, faults)
  reportTwoWriters(drafts, checks, faults)
  reportOtherKeys(drafts, checks, faults)
  await reportUnknownFields({ drafts, wiring, checks, language }, faults)
  const { stateDir } = options
  const definition = buildDefinition({ file, folder, text, values, drafted, wiring, checks, tables, stateDir }, faults)
  if (definition !== undefined) reportBypasses(definition, drafts, faults)
  if (definition !== undefined) reportLoops(definition, drafts, faults)
  if (definition !== undefined) reportUnmetDemands(definition, drafts, faults)
  return faults.count === 0 ? definition : undefined
}

/** Files of `${file:path}` are read before, so that filling need not wait. */
async function readEnvironment(root: Node, folder: string, options: LoadOptions): Promise<Environment> {
  const { environment: variables } = options
  if (variables === undefined) return { variables, files: new Map() }
  const paths = [...new Set(textsOf(root).flatMap(filesNamed))].filter((path) => !leavesFolder(path))
  const texts = await Promise.all(paths.map((path) => options.readText(resolve(folder, path)).catch(() => undefined)))
  return { variables, files: new Map(paths.map((path, index) => [path, texts[index]])) }
}

function textsOf(root: Node): string[] {
  if (root.kind === 'scalar') return typeof root.value === 'string' ? [root.value] : []
  return (root.kind === 'list' ? root.items : root.entries.map(({ value }) => value)).flatMap(textsOf)
}

/** Everything but what is inside the components. */
async function checkOutline(
  root: Node,
  validator: Validator,
  environment: Environment,
  faults: FaultLog,
): Promise<Values> {
  const schema = outlineSchema()
  const values = readValues(root, schema, [], environment, faults)
  await validator.check({ schema, values, node: root, path: [], at: { start: 0, end: 0 } }, faults)
  return values
}

function asObject(value: Json): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
}

/** Of a plugin whose name stayed unread nothing is known: from then on any type may be one of its own. */
async function addOutside(
  root: Node,
  { value, unread }: Values,
  folder: string,
  { registry, storage }: LoadOptions,
  faults: FaultLog,
): Promise<Registry> {
  let known = registry
  const { plugins } = asObject(value)
  const entries = Array.isArray(plugins) ? plugins : []
  for (const [index, entry] of entries.entries()) {
    const path = ['plugins', index]
    const at = nodeAt(root, path)?.node
    if (typeof entry !== 'string' || at === undefined) continue
    if (unread.has(at)) {
      known = { ...known, open: true }
      continue
    }
    try {
      known = withPlugins(known, await loadOutside(entry, folder, storage))
    } catch (error) {
      faults.add({ code: 'SR_PLUGIN_LOAD', at, path, message: `cannot be loaded: ${loadError(error)}` })
    }
  }
  return known
}

function checkWiring(drafts: readonly Draft[], faults: FaultLog): Wiring {
  const wiring = resolveWiring(drafts.map(({ part }) => part))
  for (const { component, entry, code, message, hint } of wiring.faults) {
    const draft = drafts.find(({ name }) => name === component) as Draft
    const { path, at } = placeOfEntry(draft, entry)
    faults.add({ code, at, path, message, hint })
  }
  return wiring
}

function reportBypasses(definition: Definition, drafts: readonly Draft[], faults: FaultLog): void {
  for (const { component, bypass, channel } of findBypasses(definition)) {
    const { path, place } = drafts.find(({ name }) => name === component) as Draft
    const message = `it reads what comes out of the durable channel "${channel}", and "${bypass}", which goes round it: they would wait for each other for ever`
    const hint = `let "${bypass}" pass a durable channel too`
    faults.add({ code: 'SR_CHANNEL_BYPASSED', at: place, path, message, hint })
  }
}

function reportLoops(definition: Definition, drafts: readonly Draft[], faults: FaultLog): void {
  for (const { source, sink, place, isThroughOthers } of findLoops(definition)) {
    const { path, place: at } = drafts.find(({ name }) => name === source) as Draft
    const topic = place.slice(place.indexOf('/') + 1)
    const flow = isThroughOthers ? 'a flow that its own leads to' : 'a flow that is joined to its own'
    const message = `it reads the topic "${topic}", which "${sink}" writes in ${flow}: they would wait for each other for ever`
    const hint = isThroughOthers
      ? 'let nothing that comes out of a flow come back to it through topics'
      : 'let the two flows share no component but the topic, or let a durable channel part them'
    faults.add({ code: 'SR_CHANNEL_BYPASSED', at, path, message, hint })
  }
}

/** I-7: asking a path for more than its parts give is an error. */
function reportUnmetDemands(definition: Definition, drafts: readonly Draft[], faults: FaultLog): void {
  for (const { sink, path } of unmetDemands(definition)) {
    const draft = drafts.find(({ name }) => name === sink.name) as Draft
    const at = nodeAt(draft.node, ['delivery'])?.node ?? draft.place
    const hint = 'say what is enough there: `delivery: at-least-once` on the sink'
    const message = `asked for exactly-once, but ${describeGuarantee(path)}`
    faults.add({ code: 'SR_DELIVERY_UNMET', at, path: [...draft.path, 'delivery'], message, hint })
  }
}

function placeOfEntry({ node, path, place }: Draft, entry: number | undefined) {
  if (entry === undefined) return { path, at: place }
  const inList = nodeAt(node, ['from', entry])
  if (inList !== undefined) return { path: [...path, 'from', entry], at: inList.node }
  return { path: [...path, 'from'], at: nodeAt(node, ['from'])?.node ?? place }
}
