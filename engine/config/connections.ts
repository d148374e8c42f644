import type { Draft } from './components.ts'
import type { FaultLog } from './faults.ts'
import { didYouMean } from './nearest.ts'
import { nodeAt } from './tree.ts'

/** The drafts with every option that names a connection filled in: what is left out is the only one of its type. */
export function connectDrafts(drafts: readonly Draft[], faults: FaultLog): readonly Draft[] {
  const connections = drafts.filter(({ kind }) => kind === 'connection')
  return drafts.map((draft) => (draft.settings === undefined ? draft : connect(draft, connections, faults)))
}

function connect(draft: Draft, connections: readonly Draft[], faults: FaultLog): Draft {
  const { settings } = draft
  if (settings === undefined) return draft
  const named = Object.entries(settings.plugin.options).flatMap(([option, { connects }]) => {
    if (connects === undefined) return []
    const found = find(draft, option, connects, connections, faults)
    return found === undefined ? [] : [[option, found] as const]
  })
  return named.length === 0
    ? draft
    : { ...draft, settings: { ...settings, own: { ...settings.own, ...Object.fromEntries(named) } } }
}

/** The name of the connection that an option means; undefined, with a fault, when there is none. */
function find(
  draft: Draft,
  option: string,
  type: string,
  connections: readonly Draft[],
  faults: FaultLog,
): string | undefined {
  const usable = connections.filter(({ settings }) => settings === undefined || settings.plugin.type === type)
  const name = draft.settings?.own[option]
  if (typeof name !== 'string') return theOnly(draft, option, type, usable, faults)
  const found = connections.find((one) => one.name === name)
  if (found !== undefined && usable.includes(found)) return name
  const message =
    found === undefined ? `there is no connection "${name}"` : `"${name}" is no connection of type ${type}`
  const names = usable.map((one) => one.name)
  const known = names.length === 0 ? howToWrite(type) : `known: ${names.join(', ')}`
  const at = nodeAt(draft.node, [option])?.node ?? draft.place
  const path = [...draft.path, option]
  faults.add({ code: 'SR_UNKNOWN_CONNECTION', at, path, message, hint: didYouMean(name, names) ?? known })
  return undefined
}

function theOnly(
  { path, place, settings }: Draft,
  option: string,
  type: string,
  usable: readonly Draft[],
  faults: FaultLog,
): string | undefined {
  const [only, ...others] = usable
  if (only !== undefined && others.length === 0) return only.name
  // An unread placeholder may stand there.
  if (settings?.complete === false) return undefined
  const hint = only === undefined ? howToWrite(type) : `one of ${usable.map((one) => one.name).join(', ')}`
  const count = only === undefined ? 'no' : 'more than one'
  const message = `"${option}" is missing, and the file has ${count} connection of type ${type}`
  faults.add({ code: 'SR_MISSING_OPTION', at: place, path: [...path, option], message, hint })
  return undefined
}

function howToWrite(type: string): string {
  return `write \`connections: { NAME: { type: ${type} } }\``
}
