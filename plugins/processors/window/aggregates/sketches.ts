import { canonical, Frequencies, HyperLogLog, type Json, Quantiles } from '../../../../engine/plugin.ts'
import { refusesNonNumbers } from './numbers.ts'
import type { Running } from './running.ts'

/** Running states that are an object to each row, made when the row has its first value. */
export class Sketches<S> implements Running {
  readonly rowBytes = 8
  readonly grows = true
  readonly refuses: Running['refuses']
  readonly #kind: SketchKind<S>
  readonly #sketches: (S | undefined)[] = []

  constructor(kind: SketchKind<S>) {
    this.#kind = kind
    this.refuses = kind.refuses
  }

  add(row: number, value: Json): number {
    return this.#changed(row, (sketch) => this.#kind.add(sketch, value))
  }

  merge(into: number, from: number): number {
    const other = this.#sketches[from]
    return other === undefined ? 0 : this.#changed(into, (sketch) => this.#kind.merge(sketch, other))
  }

  clear(row: number): number {
    const bytes = this.#bytes(row)
    this.#sketches[row] = undefined
    return bytes
  }

  /** Of a row without values, a sketch without any. */
  of(row: number): S {
    return this.#sketches[row] ?? this.#kind.create()
  }

  encode(row: number): Json {
    const sketch = this.#sketches[row]
    return sketch === undefined ? null : this.#kind.keep(sketch)
  }

  decode(row: number, kept: Json): number {
    if (kept !== null) this.#sketches[row] = this.#kind.restore(kept)
    return this.#bytes(row)
  }

  resize(rows: number): void {
    while (this.#sketches.length < rows) this.#sketches.push(undefined)
    this.#sketches.length = rows
  }

  #changed(row: number, change: (sketch: S) => void): number {
    const before = this.#bytes(row)
    const sketch = this.#sketches[row] ?? this.#kind.create()
    this.#sketches[row] = sketch
    change(sketch)
    return this.#bytes(row) - before
  }

  #bytes(row: number): number {
    const sketch = this.#sketches[row]
    return sketch === undefined ? 0 : this.#kind.bytes(sketch)
  }
}

export interface SketchKind<S> {
  readonly refuses?: Running['refuses']
  create(): S
  add(sketch: S, value: Json): void
  merge(sketch: S, other: S): void
  bytes(sketch: S): number
  keep(sketch: S): Json
  restore(kept: Json): S
}

/** For `$percentile`. */
export const QUANTILES: SketchKind<Quantiles> = {
  refuses: refusesNonNumbers,
  create: () => new Quantiles(),
  add: (quantiles, value) => quantiles.add(value as number),
  merge: (quantiles, other) => quantiles.merge(other),
  bytes: ({ bytes }) => bytes,
  keep: ({ kept }) => kept as Json,
  restore: (kept) => Quantiles.from(kept as unknown as Quantiles['kept']),
}

/** For `$median`, which is exact: all numbers. */
export const NUMBERS: SketchKind<number[]> = {
  refuses: refusesNonNumbers,
  create: () => [],
  add: (numbers, value) => void numbers.push(value as number),
  merge: (numbers, other) => {
    for (const number of other) numbers.push(number)
  },
  bytes: ({ length }) => 80 + 8 * length,
  keep: (numbers) => [...numbers],
  restore: (kept) => [...(kept as readonly number[])],
}

/** For `$top`. */
export const FREQUENCIES: SketchKind<Frequencies> = {
  create: () => new Frequencies(),
  add: (frequencies, value) => frequencies.add(value),
  merge: (frequencies, other) => frequencies.merge(other),
  bytes: ({ size }) => 200 + 150 * size,
  keep: ({ kept }) => kept as Json,
  restore: (kept) => Frequencies.from(kept as unknown as Frequencies['kept']),
}

/** For `$approx_distinct`. */
export const DIFFERENT: SketchKind<HyperLogLog> = {
  create: () => new HyperLogLog(),
  add: (sketch, value) => sketch.add(canonical(value)),
  merge: (sketch, other) => sketch.merge(other),
  bytes: ({ bytes }) => bytes,
  keep: ({ kept }) => kept as Json,
  restore: (kept) => HyperLogLog.from(kept as unknown as HyperLogLog['kept']),
}
