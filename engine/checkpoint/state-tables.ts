import type { KeyedState, StateForm } from '../plugin.ts'
import type { Json } from '../record.ts'
import { type StateChange, StateTable, type StateText, textsOf } from './keyed-state.ts'

/** One state of one component. */
export interface StateName {
  readonly component: string
  readonly state: string
}

/** What an epoch says of one state. */
export interface StateDelta extends StateName {
  /** What changed, as texts: it is text at the cut already, for values may be changed in place. */
  readonly changed: readonly StateText[]
  /** Keys as they are at the cut, changed or not, and whether they are the last ones: see `StateTables`. */
  readonly restated: readonly StateText[]
  readonly isRestated: boolean
}

/** What the last checkpoint kept of one state, in the order in which its keys were first set. */
export type KeptState = Map<string, Json>

/**
 * The states of all processors, which live here alone: a store keeps no second copy of them in memory. For a snapshot
 * they are restated bit by bit, some keys with each cut, in the order of the table. Together with the changes since it
 * began that is the whole state, because what was restated stays true until a later epoch changes it.
 */
export class StateTables {
  readonly #kept: Map<string, StateName & { readonly values: KeptState }>
  readonly #open = new Map<string, OpenTable>()
  /** Keys of a state that a cut restates at least, while a snapshot is under way. */
  leastRestated = Number.POSITIVE_INFINITY
  /** Not yet restated in the snapshot that is under way. */
  #unstated = new Set<string>()

  constructor(kept: readonly (StateName & { readonly values: KeptState })[] = []) {
    this.#kept = new Map(kept.map((one) => [idOf(one), one]))
  }

  /** The components that a checkpoint keeps something for. */
  get owners(): readonly string[] {
    const kept = [...this.#kept.values()].filter(({ values }) => values.size > 0)
    return [...kept, ...this.#open.values()].map(({ component }) => component)
  }

  /** The state as the last checkpoint left it, from now on at work. */
  open<V>(name: StateName, form: StateForm<V> | undefined): KeyedState<V> {
    const id = idOf(name)
    if (this.#open.has(id)) throw new Error(`the state ${name.state} of ${name.component} is open already`)
    const table = new StateTable<V>(emptied(this.#kept.get(id)?.values ?? new Map<string, Json>()), form)
    this.#kept.delete(id)
    this.#open.set(id, { ...name, table: table as StateTable<unknown>, closed: false })
    return table
  }

  /** It changes no more. */
  close(component: string): void {
    for (const one of this.#open.values()) if (one.component === component) one.closed = true
  }

  forget(component: string): void {
    for (const [id, one] of this.#kept) if (one.component === component) this.#kept.delete(id)
  }

  /** At a cut: what changed in the states of these components since the last one. */
  takeChanges(components: ReadonlySet<string>): readonly StateDelta[] {
    const taken: StateDelta[] = []
    for (const [id, { component, state, table }] of this.#open) {
      if (!components.has(component)) continue
      const most = Math.max(this.leastRestated, Math.ceil(table.changes * RESTATED_SHARE))
      const changed = textsOf(table.takeChanges())
      const { texts, isLast } = this.#unstated.has(id) ? table.takeRestated(most) : NOTHING_RESTATED
      if (isLast) this.#unstated.delete(id)
      if (changed.length > 0 || texts.length > 0 || isLast)
        taken.push({ component, state, changed, restated: texts, isRestated: isLast })
    }
    return taken
  }

  /** A snapshot begins: says what is to be restated with the cuts from now on. */
  beginRestating(): ReadonlySet<string> {
    this.#unstated = new Set([...this.#kept.keys(), ...this.#open.keys()])
    for (const { table } of this.#open.values()) table.beginRestating()
    return new Set(this.#unstated)
  }

  /** What no cut will restate: states that changed for the last time, and those that nobody has opened. */
  takeUnchanging(): readonly StateDelta[] {
    return [...this.#unstated].flatMap((id) => {
      const kept = this.#kept.get(id)
      const opened = this.#open.get(id)
      if (kept === undefined && !opened?.closed) return []
      this.#unstated.delete(id)
      if (kept !== undefined) return [{ ...nameOf(kept), ...allOf(textsOf(kept.values as Iterable<StateChange>)) }]
      return opened === undefined
        ? []
        : [{ ...nameOf(opened), ...allOf(opened.table.takeRestated(Number.POSITIVE_INFINITY).texts) }]
    })
  }
}

/** What tells one state from all others. */
export function idOf({ component, state }: StateName): string {
  return JSON.stringify([component, state])
}

interface OpenTable extends StateName {
  readonly table: StateTable<unknown>
  closed: boolean
}

/** For two keys that change one is restated: a snapshot is done when twice its size in changes has been written. */
const RESTATED_SHARE = 0.5
const NOTHING_RESTATED = { texts: [], isLast: false }

function nameOf({ component, state }: StateName): StateName {
  return { component, state }
}

function allOf(restated: readonly StateText[]): Pick<StateDelta, 'changed' | 'restated' | 'isRestated'> {
  return { changed: [], restated, isRestated: true }
}

/** Goes through the entries and lets go of each: two copies of a large state need not be in memory at once. */
function* emptied(values: KeptState): Generator<[string, Json]> {
  for (const entry of values) {
    values.delete(entry[0])
    yield entry
  }
}
