import { messageOf } from '../errors.ts'
import { type JsonSchema, objectSchema, readOptions } from '../options.ts'
import type { Plugin, Ports } from '../plugin.ts'
import type { Json, JsonObject } from '../record.ts'
import type { Registry } from '../registry/index.ts'
import type { Part } from '../topology/wiring.ts'
import type { Validator } from './check.ts'
import { commonOptions, componentOptions, defaultType } from './component-options.ts'
import type { FaultLog, Path, Span } from './faults.ts'
import { didYouMean } from './nearest.ts'
import type { Environment } from './placeholders.ts'
import { NAME_PATTERN, type PluginKind, SECTION_NAMES, SECTIONS } from './schema.ts'
import { checkSyntax, type Language } from './syntax.ts'
import { childOf, type Entry, type MapNode, type Node } from './tree.ts'
import { type ParsedText, readValues, type Values } from './values.ts'
import { badName } from './wording.ts'

/** What is needed to check a file. */
export interface Checking {
  readonly faults: FaultLog
  readonly environment: Environment
  readonly registry: Registry
  readonly validator: Validator
  readonly language: Language
}

/** A component of the file, as far as it could be read. */
export interface Draft {
  readonly kind: PluginKind
  readonly name: string
  readonly path: Path
  /** Where its name stands. */
  readonly place: Span
  readonly node: MapNode
  readonly part: Part
  /** Its expressions and templates. */
  readonly texts: readonly ParsedText[]
  /** Undefined when something is wrong with its type or its options. */
  readonly settings: Settings | undefined
}

export interface Settings {
  readonly plugin: Plugin
  /** What the plugin gets, and the keys that the engine adds. */
  readonly own: { readonly [name: string]: unknown }
  readonly common: { readonly [name: string]: unknown }
  /** False when a placeholder stayed unread: the options are not the ones that it will run with. */
  readonly complete: boolean
}

/** Reads every component of the file, in its order; of two with the same name the first. */
export async function draftComponents(root: Node, checking: Checking): Promise<readonly Draft[]> {
  const drafts = new Map<string, Draft>()
  const schemas = new Map<Plugin, JsonSchema>()
  for (const section of SECTION_NAMES) {
    const map = childOf(root, section)
    if (map?.kind !== 'map') continue
    for (const entry of map.entries) {
      const path = [section, entry.key]
      checkName(entry, path, drafts.get(entry.key), checking.faults)
      const draft = await draftComponent(SECTIONS[section], entry, path, schemas, checking)
      if (draft !== undefined && !drafts.has(entry.key)) drafts.set(entry.key, draft)
    }
  }
  return [...drafts.values()]
}

function checkName({ key, place }: Entry, path: Path, other: Draft | undefined, faults: FaultLog): void {
  if (!new RegExp(NAME_PATTERN).test(key)) {
    faults.add({ code: 'SR_BAD_NAME', at: place, path, message: badName(`"${key}"`) })
  }
  if (other !== undefined) {
    const message = `the name "${key}" is taken by a ${other.kind}`
    faults.add({ code: 'SR_DUPLICATE_NAME', at: place, path, message, hint: 'names are unique across the sections' })
  }
}

/** Undefined for what is no map: that is reported with the outline of the file. */
async function draftComponent(
  kind: PluginKind,
  { key: name, place, value: node }: Entry,
  path: Path,
  schemas: Map<Plugin, JsonSchema>,
  checking: Checking,
): Promise<Draft | undefined> {
  if (node.kind !== 'map') return undefined
  const subject = { kind, name, path, place, node }
  const before = checking.faults.count
  const plugin = await pluginOf(subject, checking)
  if (plugin === undefined) return { ...subject, ...NOTHING_READ, part: partOf(subject, undefined, undefined) }
  const schema = schemas.get(plugin) ?? objectSchema(componentOptions(plugin))
  schemas.set(plugin, schema)
  const values = readValues(node, schema, path, checking.environment, checking.faults)
  await checking.validator.check({ schema, values, node, path, at: place }, checking.faults)
  await checkSyntax(values.texts, checking.language, checking.faults)
  const settings = checking.faults.count === before ? settingsOf(plugin, values, node) : undefined
  return { ...subject, texts: values.texts, settings, part: partOf(subject, values, settings) }
}

const NOTHING_READ = { texts: [], settings: undefined }

type Subject = Pick<Draft, 'kind' | 'name' | 'path' | 'place' | 'node'>

async function pluginOf(subject: Subject, { registry, environment, faults }: Checking): Promise<Plugin | undefined> {
  const { kind, path, place, node } = subject
  const typeNode = childOf(node, 'type')
  const types = registry.names(kind)
  const type = typeNode === undefined ? defaultType(kind) : typeName(typeNode, path, environment, faults)
  if (type === undefined) {
    if (typeNode !== undefined) return undefined
    const hint = `one of ${types.join(', ')}`
    faults.add({ code: 'SR_MISSING_OPTION', at: place, path: [...path, 'type'], message: '"type" is missing', hint })
    return undefined
  }
  if (types.includes(type)) return loadPlugin(type, subject, typeNode ?? place, { registry, faults })
  if (registry.open) return undefined
  const written = typeNode?.kind === 'scalar' ? String(typeNode.value) : type
  faults.add({
    code: 'SR_UNKNOWN_PLUGIN',
    at: typeNode ?? place,
    path: [...path, 'type'],
    message: `there is no ${kind} of type "${written}"`,
    hint: typeHint(type, kind, registry),
  })
  return undefined
}

/** Undefined, with a fault unless it is an unread placeholder, when no type can be told. */
function typeName(node: Node, path: Path, environment: Environment, faults: FaultLog): string | undefined {
  const at = [...path, 'type']
  const { value, unread } = readValues(node, { type: 'string' }, at, environment, faults)
  if (unread.size > 0) return undefined
  if (typeof value === 'string') return value
  faults.add({ code: 'SR_WRONG_TYPE', at: node, path: at, message: 'must be the name of a plugin' })
  return undefined
}

function typeHint(type: string, kind: PluginKind, registry: Registry): string {
  const meant = didYouMean(type, registry.names(kind))
  if (meant !== undefined) return meant
  const other = Object.values(SECTIONS).find((one) => registry.names(one).includes(type))
  if (other !== undefined) return `it is a ${other}`
  return `known: ${registry.names(kind).join(', ')}; others come in through \`plugins:\``
}

async function loadPlugin(
  type: string,
  { kind, path }: Subject,
  at: Span,
  { registry, faults }: Pick<Checking, 'registry' | 'faults'>,
): Promise<Plugin | undefined> {
  try {
    return await registry.load(kind, type)
  } catch (error) {
    const message = `the ${kind} "${type}" cannot be loaded: ${messageOf(error)}`
    faults.add({ code: 'SR_PLUGIN_LOAD', at, path: [...path, 'type'], message })
    return undefined
  }
}

function settingsOf(plugin: Plugin, { value, unread }: Values, node: MapNode): Settings {
  const known = withoutUnread(value as JsonObject, node, unread)
  return {
    plugin,
    own: readOptions(plugin.options, known),
    common: readOptions(commonOptions(plugin), known),
    complete: unread.size === 0,
  }
}

/** Options in which something is unread fall back to their defaults: what stands there is no value. */
function withoutUnread(values: JsonObject, node: MapNode, unread: ReadonlySet<Node>): JsonObject {
  if (unread.size === 0) return values
  const readable = node.entries.filter(({ value }) => !holds(value, unread)).map(({ key }) => key)
  return Object.fromEntries(readable.map((key) => [key, values[key] as Json]))
}

function holds(node: Node, wanted: ReadonlySet<Node>): boolean {
  if (wanted.has(node)) return true
  if (node.kind === 'scalar') return false
  return (node.kind === 'list' ? node.items : node.entries.map(({ value }) => value)).some((part) =>
    holds(part, wanted),
  )
}

function partOf({ kind, name, node }: Subject, values: Values | undefined, settings: Settings | undefined): Part {
  return { kind, name, from: fromOf(node, values), ports: portsOf(kind, settings) }
}

/** What `from` names; entries that are no text, or unread, cannot be told. */
function fromOf(node: MapNode, values: Values | undefined): Part['from'] {
  const written = childOf(node, 'from')
  if (written === undefined) return undefined
  const nodes = written.kind === 'list' ? written.items : [written]
  const names = [(values?.value as JsonObject | undefined)?.from].flat()
  return nodes.map((one, index) => {
    const name = names[index]
    return typeof name === 'string' && !values?.unread.has(one) ? name : undefined
  })
}

const MAIN_ONLY: Ports = { main: true, side: [] }

function portsOf(kind: PluginKind, settings: Settings | undefined): Ports | undefined {
  if (kind !== 'processor') return MAIN_ONLY
  if (settings?.plugin.kind !== 'processor') return undefined
  const { plugin, own, complete } = settings
  if (plugin.ports === undefined) return MAIN_ONLY
  return complete ? plugin.ports(own as never) : undefined
}
