import type { Component, Definition, Guarantee, Input, Retry } from '../../engine/config/definition.ts'
import { type Fault, loadDefinition, renderFault } from '../../engine/config/load.ts'
import { readOptions } from '../../engine/options.ts'
import type {
  ChannelPlugin,
  CheckContext,
  Json,
  Plugin,
  ProcessorPlugin,
  SinkPlugin,
  SourcePlugin,
  Storage,
} from '../../engine/plugin.ts'
import { builtinRegistry, withPlugins } from '../../engine/registry/index.ts'
import { TIMESTAMP_OPTIONS } from '../../engine/time/options.ts'
import { findBypasses } from '../../engine/topology/bypass.ts'
import { resolveWiring, type Part as WiredPart } from '../../engine/topology/wiring.ts'

/** A pipeline in code: what stands in a pipeline file, with plugins in place of `type:`. */
export interface PipelineSpec {
  readonly name?: string
  readonly sources: { readonly [name: string]: SourcePart }
  readonly channels?: { readonly [name: string]: Part<ChannelPlugin> }
  readonly processors?: { readonly [name: string]: Part<ProcessorPlugin> }
  readonly sinks: { readonly [name: string]: SinkPart }
  readonly delivery?: Guarantee
  readonly onError?: Definition['onError']
  /** Milliseconds between two checkpoints; 10. */
  readonly checkpointInterval?: number
  readonly deadLetters?: Partial<Definition['deadLetters']>
}

export interface Part<P> {
  readonly plugin: P
  /** As in YAML; defaults are filled in. */
  readonly options?: { readonly [name: string]: Json }
  /** As in YAML: left out, the place says what it reads. */
  readonly from?: string | readonly string[]
}

export interface SourcePart extends Part<SourcePlugin> {
  /** `json` when left out, and the plugin has one. */
  readonly codec?: string | undefined
  /** As in YAML; defaults are filled in. */
  readonly timestamp?: { readonly [name: string]: Json } | undefined
}

export interface SinkPart extends Part<SinkPlugin> {
  readonly codec?: string | undefined
  readonly delivery?: Guarantee
  readonly retry?: Partial<Retry>
}

export interface DefinitionSettings {
  readonly storage: Storage
  /** Stands for the folder of the pipeline file. */
  readonly folder: string
  readonly stateDir: string
}

/** The definition that a file like this would give. Throws an `Error` that names what is wrong with it. */
export async function definitionOf(spec: PipelineSpec, settings: DefinitionSettings): Promise<Definition> {
  const { name = 'test', onError = 'dead-letter', checkpointInterval = 10, delivery, deadLetters } = spec
  const { folder, stateDir } = settings
  const placed = placedParts(spec)
  const inputs = wiringOf(placed)
  const components = placed.map((part) => componentOf(part, inputs.get(part.name) ?? [], settings))
  const definition: Definition = {
    file: `${folder}/${name}.yaml`,
    folder,
    name,
    description: undefined,
    delivery,
    checkpoint: { interval: checkpointInterval },
    onError,
    deadLetters: { ...DEAD_LETTERS, ...deadLetters },
    stateDir,
    texts: [],
    regexEngine: 'javascript',
    tables: new Map(),
    connections: [],
    components: await Promise.all(components),
  }
  const [bypass] = findBypasses(definition)
  if (bypass !== undefined) throw new Error(`SR_CHANNEL_BYPASSED ${bypass.component}: ${bypass.bypass}`)
  return definition
}

export interface YamlSettings extends DefinitionSettings {
  readonly variables: Readonly<Record<string, string>>
  /** Beside those that come with streamrun. */
  readonly plugins: readonly Plugin[]
}

/** The definition of a pipeline file. Throws an `Error` with all faults, as `validate` prints them. */
export async function definitionOfYaml(text: string, settings: YamlSettings): Promise<Definition> {
  const { storage, folder, stateDir, variables, plugins } = settings
  const loaded = await loadDefinition(`${folder}/pipeline.yaml`, {
    storage,
    stateDir,
    environment: variables,
    registry: withPlugins(builtinRegistry(), plugins),
    readText: async () => text,
  })
  if (loaded.kind === 'ok') return loaded.definition
  throw new Error(loaded.faults.map((fault: Fault) => renderFault(fault, { colours: false })).join('\n\n'))
}

/** The definition with other plugins in the places of these components; their wiring stays, and `timestamp` of sources. */
export async function withReplaced(
  definition: Definition,
  replace: { readonly [name: string]: AnyPart },
  settings: DefinitionSettings,
): Promise<Definition> {
  const components = definition.components.map(async (component) => {
    const part = replace[component.name]
    if (part === undefined) return component
    const inputs = component.kind === 'source' ? [] : component.inputs
    const replaced = await componentOf(named(part, component.name), inputs, settings)
    const keepsTime = component.kind === 'source' && replaced.kind === 'source' && replaced.timestamp === undefined
    return keepsTime ? { ...replaced, timestamp: component.timestamp } : replaced
  })
  return { ...definition, components: await Promise.all(components) }
}

const DEAD_LETTERS: Definition['deadLetters'] = {
  maxSize: 64 * 1024 * 1024,
  maxAge: 7 * 24 * 3_600_000,
  breaker: { share: 1, records: 1000, window: 60_000 },
}
/** Short, so that a test on the machine's clock need not wait. */
const RETRY: Retry = { attempts: undefined, delay: 1, maxDelay: 4 }

/** A component of any kind. */
export type AnyPart = SourcePart | Part<ChannelPlugin> | Part<ProcessorPlugin> | SinkPart
type PlacedPart = AnyPart & { readonly name: string }

/** In the order of a file. */
function placedParts({ sources, channels = {}, processors = {}, sinks }: PipelineSpec): PlacedPart[] {
  const sections: readonly { readonly [name: string]: AnyPart }[] = [sources, channels, processors, sinks]
  return sections.flatMap((section) => Object.entries(section).map(([name, part]) => named(part, name)))
}

/** Not a spread: a part of the testing pair is alive. */
function named({ plugin, options, from, ...rest }: AnyPart, name: string): PlacedPart {
  const { codec, delivery, retry, timestamp } = rest as Partial<SinkPart & SourcePart>
  return { name, plugin, options, from, codec, delivery, retry, timestamp } as PlacedPart
}

function wiringOf(placed: readonly PlacedPart[]): ReadonlyMap<string, readonly Input[]> {
  const { inputs, faults } = resolveWiring(placed.map(wiredPart))
  const [first] = faults
  if (first !== undefined) throw new Error(`${first.code} ${first.component}: ${first.message}`)
  return inputs
}

function wiredPart({ name, plugin, options = {}, from }: PlacedPart): WiredPart {
  const ports = plugin.kind === 'processor' ? plugin.ports?.(readOptions(plugin.options, options)) : undefined
  const names = typeof from === 'string' ? [from] : from
  return { kind: plugin.kind, name, from: names, ports: ports ?? { main: true, side: [] } }
}

async function componentOf(
  part: PlacedPart,
  inputs: readonly Input[],
  settings: DefinitionSettings,
): Promise<Component> {
  const { name, plugin } = part
  const options = readOptions(plugin.options, part.options ?? {})
  const check = (await checkOf(plugin, options, settings)) ?? {}
  const fault = check.faults?.[0]
  if (fault !== undefined) throw new Error(`${fault.code} ${name}: ${fault.message}`)
  const shared = { name, type: plugin.type, options, check, place: { line: 1, column: 1 } }
  if (plugin.kind === 'source') {
    const { timestamp: given } = part as SourcePart
    const timestamp = given === undefined ? undefined : readOptions(TIMESTAMP_OPTIONS, given)
    return { ...shared, kind: plugin.kind, plugin, codec: codecOf(part as SourcePart), timestamp }
  }
  if (plugin.kind === 'channel') return { ...shared, kind: plugin.kind, plugin, inputs }
  if (plugin.kind === 'processor') return { ...shared, kind: plugin.kind, plugin, inputs }
  const { delivery, retry } = part as SinkPart
  return {
    ...shared,
    kind: plugin.kind,
    plugin,
    inputs,
    codec: codecOf(part as SinkPart),
    delivery,
    retry: { ...RETRY, ...retry },
  }
}

function checkOf(plugin: Plugin, options: { readonly [name: string]: unknown }, settings: DefinitionSettings) {
  const context: CheckContext = { storage: settings.storage, definitionFolder: settings.folder }
  return plugin.check?.(options as never, context)
}

function codecOf({ plugin, codec }: SourcePart | SinkPart) {
  return plugin.codec ? { name: codec ?? 'json', options: {} } : undefined
}
