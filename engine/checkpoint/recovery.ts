import type { Json } from '../record.ts'
import { decodeEpoch } from './epoch-text.ts'
import { idOf, type KeptState, type StateName, StateTables } from './state-tables.ts'
import { applyEpoch, emptyState, type MutableState } from './store.ts'

/** A frame of the local store, whose header comment says what each means. */
export type Frame =
  | Part
  | { readonly epoch: Json; readonly parts?: number }
  | { readonly snapshot: 'begin' | 'end' }
  | Piece

type Part = {
  readonly state: readonly [component: string, state: string]
  readonly changed?: readonly Pair[]
  readonly restated?: readonly Pair[]
}
type Pair = readonly [key: string, value?: Json]
type Piece = { readonly piece: Json }

/** Builds the state from the frames that make it up: those since a whole snapshot began, or since the first one. */
export class Recovery {
  readonly #state: MutableState = emptyState()
  readonly #tables = new Map<string, Table>()
  /** Of the epoch whose frame has not come yet. */
  #parts: Part[] = []
  /** Within the snapshot that everything rests on: what it restates counts. */
  #isRestating: boolean

  constructor(beginsWithSnapshot: boolean) {
    this.#isRestating = beginsWithSnapshot
  }

  get state(): MutableState {
    const tables = new StateTables([...this.#tables.values()].map(({ name, values }) => ({ ...name, values })))
    return { ...this.#state, tables }
  }

  take(frame: Frame): void {
    if ('state' in frame) this.#parts.push(frame)
    else if ('epoch' in frame) this.#takeEpoch(frame.epoch, frame.parts ?? 0)
    else if ('snapshot' in frame) this.#takeSnapshot(frame.snapshot)
    // A later snapshot that has no end says nothing new.
    else if (this.#isRestating) applyEpoch(this.#state, decodeEpoch(frame.piece))
  }

  #takeSnapshot(which: 'begin' | 'end'): void {
    if (which === 'begin') return
    this.#isRestating = false
    for (const table of this.#tables.values()) table.settle()
  }

  /** Parts that a failed write left stand in front of those that count. */
  #takeEpoch(text: Json, count: number): void {
    const epoch = decodeEpoch(text)
    applyEpoch(this.#state, epoch)
    for (const name of epoch.forgotten ?? []) this.#forget(name)
    for (const part of this.#parts.slice(this.#parts.length - count)) this.#takePart(part)
    this.#parts = []
  }

  #takePart({ state: [component, state], changed = [], restated = [] }: Part): void {
    const name = { component, state }
    const id = idOf(name)
    const table = this.#tables.get(id) ?? new Table(name, this.#isRestating)
    this.#tables.set(id, table)
    for (const [key, value] of changed) table.change(key, value)
    if (this.#isRestating) for (const [key, value] of restated) if (value !== undefined) table.restate(key, value)
  }

  #forget(component: string): void {
    for (const [id, { name }] of this.#tables) if (name.component === component) this.#tables.delete(id)
  }
}

/**
 * One state. Within a snapshot, keys are restated in the order in which they were first set; those that changed before
 * their turn came are kept apart until then.
 */
class Table {
  readonly name: StateName
  readonly values: KeptState = new Map()
  #early: KeptState | undefined

  constructor(name: StateName, isRestating: boolean) {
    this.name = name
    this.#early = isRestating ? new Map() : undefined
  }

  change(key: string, value: Json | undefined): void {
    const home = this.#early === undefined || this.values.has(key) ? this.values : this.#early
    if (value === undefined) home.delete(key)
    else home.set(key, value)
  }

  restate(key: string, value: Json): void {
    this.#early?.delete(key)
    this.values.set(key, value)
  }

  settle(): void {
    for (const [key, value] of this.#early ?? []) this.values.set(key, value)
    this.#early = undefined
  }
}
