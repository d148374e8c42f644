import { stringify } from 'yaml'
import { commonOptions } from '../config/component-options.ts'
import { SECTIONS } from '../config/schema.ts'
import { type Option, type Options, readOptions } from '../options.ts'
import type { Plugin, Ports } from '../plugin.ts'
import type { Json } from '../record.ts'
import { wrapText } from './wrap.ts'

/** What a first pipeline is made of. */
export interface StarterParts {
  /** As it is called on the command line. */
  readonly file: string
  readonly name: string
  /** Where editors find the schema: a path or a URL. */
  readonly schema: string
  readonly connections: readonly Plugin[]
  readonly source: Plugin
  readonly channel: Plugin | undefined
  readonly processors: readonly Plugin[]
  readonly sink: Plugin
}

export interface StarterPipeline {
  readonly text: string
  /** Files that it names and that must be there: path from the folder of the pipeline -> text. */
  readonly files: ReadonlyMap<string, string>
}

/**
 * A commented pipeline that validates as it stands, with its files: options that must be given have the first example of
 * their definition, the others stand behind a `#` with their default or an example.
 */
export function starterPipeline({ file, name, schema, ...parts }: StarterParts): StarterPipeline {
  const { connections, source, channel, processors, sink } = parts
  const draft = new Draft()
  const named = (plugin: Plugin, wanted: string) => draft.component(plugin, wanted)
  const blocks = [
    section(
      'connection',
      connections.map((plugin) => named(plugin, plugin.type)),
    ),
    section('source', [named(source, 'in')]),
    section('channel', channel === undefined ? [] : [named(channel, 'buffer')]),
    section(
      'processor',
      processors.map((plugin) => named(plugin, plugin.type)),
    ),
    section('sink', [named(sink, 'out')]),
  ]
  const text = [heading(file, name, schema), ...blocks.filter((block) => block !== '')].join('\n')
  return { text, files: draft.files }
}

function heading(file: string, name: string, schema: string): string {
  return `# yaml-language-server: $schema=${schema}

# Check it: streamrun validate ${file}
# Run it:   streamrun ${file}
# Lines such as \`# follow: true\` are options that may be left out, with their default or an example.

name: ${name}
`
}

function section(kind: Plugin['kind'], components: readonly string[]): string {
  const title = Object.entries(SECTIONS).find(([, one]) => one === kind)?.[0]
  return components.length === 0 ? '' : `${title}:\n${components.join('\n')}`
}

/** Gives out names and values, none of them twice, in the order of the file. */
class Draft {
  readonly files = new Map<string, string>()
  readonly #names = new Set<string>()
  readonly #values = new Set<string>()
  /** What the next component must name with `from`; empty: what its place suggests is right. */
  #from: readonly string[] = []

  component(plugin: Plugin, wanted: string): string {
    const name = this.#nameFor(wanted)
    const given = Object.entries(plugin.options).filter(([, option]) => mustBeGiven(option))
    const values = Object.fromEntries(given.map(([key, option]) => [key, this.#valueFor(option)]))
    for (const [key, { starter }] of given) {
      if (typeof starter === 'object') this.files.set(String(values[key]), starter.file)
    }
    const from = plugin.kind === 'connection' || plugin.kind === 'source' ? [] : this.#from
    this.#from = outputsOf(plugin, name, values)
    return [
      comment(plugin.summary, '  '),
      `  # More about it: streamrun plugins ${plugin.kind} ${plugin.type}\n`,
      `  ${name}:\n    type: ${plugin.type}\n`,
      from.length === 0 ? '' : line('from', [...from]),
      ...given.map(
        ([key, { schema }]) => comment(String(schema.description), '    ') + entry(key, values[key] as Json),
      ),
      ...leftOut(plugin).map(([key, value]) => line(`# ${key}`, value)),
    ].join('')
  }

  #nameFor(wanted: string): string {
    let name = wanted
    for (let number = 2; this.#names.has(name); number++) name = `${wanted}-${number}`
    this.#names.add(name)
    return name
  }

  /** A source and a sink of one type would else go in a circle, or write over what they read. */
  #valueFor({ schema, default: fallback }: Option): Json {
    const examples = (schema.examples ?? []) as readonly Json[]
    const fresh = examples.find((example) => !this.#values.has(JSON.stringify(example)))
    const value = fresh ?? examples[0] ?? fallback ?? null
    this.#values.add(JSON.stringify(value))
    return value
  }
}

function mustBeGiven({ required, default: fallback, starter }: Option): boolean {
  return starter !== undefined || (required && fallback === undefined)
}

/** The outputs that must be named, because one of them is a port. */
function outputsOf(plugin: Plugin, name: string, values: { readonly [key: string]: Json }): string[] {
  if (plugin.kind !== 'processor' || plugin.ports === undefined) return []
  const { main, side, deadLettered = [] }: Ports = plugin.ports(readOptions(plugin.options, values))
  const ports = side.filter((port) => !deadLettered.includes(port)).map((port) => `${name}.${port}`)
  return ports.length === 0 ? [] : [...(main ? [name] : []), ...ports]
}

/** What else may be said, with a value that shows how. */
function leftOut(plugin: Plugin): [string, Json][] {
  const { codec } = commonOptions(plugin)
  const options: Options = { ...(codec === undefined ? {} : { codec }), ...plugin.options }
  return Object.entries(options).flatMap(([key, option]) => {
    const value = shownValue(option)
    return mustBeGiven(option) || value === undefined ? [] : [[key, value] as [string, Json]]
  })
}

/** A group has no value of its own to show. */
function shownValue({ schema, default: fallback }: Option): Json | undefined {
  const examples = (schema.examples ?? schema.enum ?? []) as readonly Json[]
  const value = fallback ?? examples[0]
  return JSON.stringify(value) === '{}' ? undefined : value
}

function comment(text: string, indent: string): string {
  return `${wrapText(text, 100, `${indent}# `)}\n`
}

/** A long map has a line for each of its keys. */
function entry(key: string, value: Json): string {
  const short = line(key, value)
  if (short.length <= LONGEST || typeof value !== 'object' || value === null || Array.isArray(value)) return short
  const parts = Object.entries(value).map(([name, part]) => `      ${flow(name)}: ${flow(part)}\n`)
  return `    ${key}:\n${parts.join('')}`
}

const LONGEST = 120

function line(key: string, value: Json): string {
  return `    ${key}: ${flow(value)}\n`
}

function flow(value: Json): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: true }).trimEnd()
}
