import { basename, extname, join } from 'node:path'
import type { CodecValues } from '../codec/index.ts'
import type { Tables } from '../expression/functions/lookup-table.ts'
import { readOptions } from '../options.ts'
import type { Check } from '../plugin.ts'
import type { JsonObject } from '../record.ts'
import type { Wiring } from '../topology/wiring.ts'
import type { ConnectionValues, SinkValues, SourceValues } from './component-options.ts'
import type { Draft, Settings } from './components.ts'
import type { Component, ConnectionComponent, Definition, Input, PlacedText, Retry } from './definition.ts'
import { type FaultLog, showPath } from './faults.ts'
import { type Lines, linesOf } from './lines.ts'
import { FILE_OPTIONS, NAME_PATTERN } from './schema.ts'

/** A file after every check. */
export interface Checked {
  readonly file: string
  readonly folder: string
  readonly text: string
  /** What stands beside the components. */
  readonly values: JsonObject
  /** Components and connections. */
  readonly drafted: readonly Draft[]
  readonly wiring: Wiring
  readonly checks: ReadonlyMap<string, Check>
  readonly tables: Tables
  readonly stateDir: string | undefined
}

/** The definition; undefined when anything is wrong. */
export function buildDefinition(checked: Checked, faults: FaultLog): Definition | undefined {
  const name = nameOf(checked, faults)
  if (faults.count > 0 || name === undefined) return undefined
  const { file, folder, values, drafted } = checked
  const options = readOptions(FILE_OPTIONS, values)
  const lines = linesOf(checked.text)
  const everything = drafted.flatMap((draft) => componentOf(draft, checked, lines))
  return {
    file,
    folder,
    name,
    description: options.description,
    delivery: options.delivery,
    checkpoint: options.checkpoint,
    onError: options.on_error,
    deadLetters: {
      maxSize: options.dead_letters.max_size,
      maxAge: options.dead_letters.max_age,
      breaker: options.dead_letters.breaker,
    },
    stateDir: checked.stateDir ?? options.state_dir ?? join('.streamrun', name),
    texts: drafted.flatMap((draft) => textsOf(draft, lines)),
    regexEngine: options.regex_engine,
    tables: checked.tables,
    connections: everything.filter((one) => one.kind === 'connection'),
    components: everything.filter((one) => one.kind !== 'connection'),
  }
}

/** The file is the name of its pipeline, unless it gives one. */
function nameOf({ file, values }: Checked, faults: FaultLog): string | undefined {
  if ('name' in values) return typeof values.name === 'string' ? values.name : undefined
  const name = basename(file, extname(file))
  if (new RegExp(NAME_PATTERN).test(name)) return name
  faults.add({
    code: 'SR_BAD_NAME',
    at: { start: 0, end: 0 },
    path: ['name'],
    message: `is missing, and the file name "${name}" is none: lower-case letters, digits and dashes, a letter first`,
  })
  return undefined
}

function textsOf({ name, texts }: Draft, lines: Lines): PlacedText[] {
  return texts.map(({ kind, text, path, spanAt }) => ({
    component: name,
    path: showPath(path),
    kind,
    text,
    placeAt: (offset) => lines.placeOf(spanAt(offset).start),
  }))
}

/** A draft without settings has a type that is an unread placeholder: it can be listed as little as run. */
function componentOf(draft: Draft, { wiring, checks }: Checked, lines: Lines): AnyComponent[] {
  const { settings, name } = draft
  if (settings === undefined) return []
  const shared = {
    name,
    type: settings.plugin.type,
    options: settings.own,
    check: checks.get(name) ?? {},
    place: lines.placeOf(draft.place.start),
  }
  return [{ ...shared, ...kindOf(settings, wiring.inputs.get(name) ?? []) }]
}

type AnyComponent = Component | ConnectionComponent
type Shared = 'name' | 'type' | 'options' | 'check' | 'place'
type KindPart<C> = C extends AnyComponent ? Omit<C, Shared> : never

function kindOf({ plugin, common }: Settings, inputs: readonly Input[]): KindPart<AnyComponent> {
  switch (plugin.kind) {
    case 'connection':
      return { kind: plugin.kind, plugin, retry: retryOf((common as ConnectionValues).retry) }
    case 'source':
      return { kind: plugin.kind, plugin, codec: codecOf(common), timestamp: (common as SourceValues).timestamp }
    case 'channel':
      return { kind: plugin.kind, plugin, inputs }
    case 'processor':
      return { kind: plugin.kind, plugin, inputs }
    case 'sink': {
      const { delivery, retry } = common as SinkValues
      return {
        kind: plugin.kind,
        plugin,
        inputs,
        codec: codecOf(common),
        delivery,
        retry: retryOf(retry),
      }
    }
  }
}

function retryOf({ attempts, delay, max_delay: maxDelay }: SinkValues['retry']): Retry {
  return { attempts, delay, maxDelay }
}

function codecOf({ codec, ...common }: Settings['common']) {
  return typeof codec === 'string' ? { name: codec, options: (common[codec] ?? {}) as CodecValues } : undefined
}
