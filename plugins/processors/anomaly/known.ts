import type { Json, KeyedState, ProcessorContext } from '../../../engine/plugin.ts'
import { grown } from '../../shared/columns.ts'
import type { Models } from './detectors/models.ts'

/**
 * What a rule knows of its keys: a row for each, in columns instead of objects, so that a record touches little memory.
 * The state that goes into checkpoints has one entry per key, which in memory is no more than the number of its row.
 */
export class Known {
  /** Values so far, without those of rules that learn nothing. */
  values = new Float64Array(0)
  alerts = new Float64Array(0)
  /** When the last alert was; NaN before the first. */
  last = new Float64Array(0)
  readonly #models: Models | undefined
  readonly #state: KeyedState<number>
  /** 1 while the key of the row is among what the next cut writes: whoever changes it again need not say so again. */
  #touched = new Uint8Array(0)
  #used = 0
  readonly #free: number[] = []

  /** `models`: those of the detector, where it learns. */
  constructor(rule: string, context: Pick<ProcessorContext, 'state'>, models: Models | undefined) {
    this.#models = models
    this.#state = context.state<number>(rule, {
      encode: (row) => this.#encode(row),
      decode: (kept) => this.#decode(kept as readonly (number | null)[]),
    })
  }

  get size(): number {
    return this.#state.size
  }

  /** `NONE` for a key that nothing is known of. */
  rowOf(key: string): number {
    return this.#state.get(key) ?? NONE
  }

  lastOf(row: number): number | undefined {
    const last = this.last[row] as number
    return Number.isNaN(last) ? undefined : last
  }

  /** A new row for the key, which has none. */
  open(key: string): number {
    const row = this.#take()
    this.#state.set(key, row)
    this.#touched[row] = 1
    return row
  }

  /** The row was changed in place. */
  touch(key: string, row: number): void {
    if (this.#touched[row] === 1) return
    this.#touched[row] = 1
    this.#state.touch(key)
  }

  /** The key that was known first is no longer known. */
  forgetFirst(): void {
    const [first] = this.#state.entries()
    if (first === undefined) return
    const [key, row] = first
    this.#state.delete(key)
    this.#free.push(row)
  }

  #take(): number {
    const row = this.#free.pop() ?? this.#used++
    if (row >= this.values.length) this.#grow(Math.max(16, row * 2))
    this.values[row] = 0
    this.alerts[row] = 0
    this.last[row] = Number.NaN
    this.#touched[row] = 0
    this.#models?.clear(row)
    return row
  }

  #grow(rows: number): void {
    this.values = grown(this.values, rows)
    this.alerts = grown(this.alerts, rows)
    this.last = grown(this.last, rows)
    this.#touched = grown(this.#touched, rows)
    this.#models?.resize(rows)
  }

  /** `[values, alerts, last, ...model]`. */
  #encode(row: number): Json {
    this.#touched[row] = 0
    const head = [this.values[row] as number, this.alerts[row] as number, this.lastOf(row) ?? null]
    return this.#models === undefined ? head : [...head, ...this.#models.encode(row)]
  }

  #decode([values, alerts, last, ...model]: readonly (number | null)[]): number {
    const row = this.#take()
    this.values[row] = values ?? 0
    this.alerts[row] = alerts ?? 0
    this.last[row] = last ?? Number.NaN
    this.#models?.decode(row, model as number[])
    return row
  }
}

/** No row. */
export const NONE = -1
