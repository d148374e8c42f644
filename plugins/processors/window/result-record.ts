import type { Header, Json, JsonObject, Origin, StreamRecord } from '../../../engine/plugin.ts'
import { type KeyPart, valuesOf } from '../../shared/by.ts'
import type { Closing } from './windows.ts'

export interface ShapeParts {
  /** The name of the processor. */
  readonly component: string
  readonly by: readonly KeyPart[]
  /** Each result says whether it is the last of its window. */
  readonly saysFinal: boolean
  /** The aggregates. */
  readonly names: readonly string[]
}

/** What the results of one processor have in common: which fields they have, and how these become a value or a text. */
export class ResultShape {
  readonly #parts: ShapeParts
  /** What stands in front of the values of the keys, and of the aggregates. */
  readonly #keyTexts: readonly string[]
  readonly #nameTexts: readonly string[]
  /** The fields of a value stand in the order in which they were set: names like `1` do not. */
  readonly #isInOrder: boolean
  // All keys of a window have the same bounds: their texts are made once.
  #bounds = boundsOf(0, 0)

  constructor(parts: ShapeParts) {
    const { by, names, saysFinal } = parts
    this.#parts = parts
    this.#keyTexts = by.map(({ name }) => fieldText(name))
    this.#nameTexts = names.map(fieldText)
    const all = ['window_start', 'window_end', ...by.map(({ name }) => name), ...(saysFinal ? ['final'] : []), ...names]
    const value: Fields = {}
    for (const name of all) value[name] = null
    this.#isInOrder = JSON.stringify(Object.keys(value)) === JSON.stringify(all)
  }

  /** The fields that come before the aggregates. */
  head({ key, start, end, isFinal }: Closing): Fields {
    const { by, saysFinal } = this.#parts
    const { startText, endText } = this.#boundsOf(start, end)
    const value: Fields = { window_start: startText, window_end: endText }
    const keys = valuesOf(key, by)
    for (let index = 0; index < by.length; index++) value[(by[index] as KeyPart).name] = keys[index] as Json
    if (saysFinal) value.final = isFinal
    return value
  }

  value(closing: Closing, results: Results): JsonObject {
    const { names } = this.#parts
    const value = this.head(closing)
    for (let index = 0; index < names.length; index++) {
      const result = results[index]
      if (result !== undefined) value[names[index] as string] = result
    }
    return value
  }

  /** What `JSON.stringify` makes of the value. */
  json(closing: Closing, results: Results): string {
    if (!this.#isInOrder) return JSON.stringify(this.value(closing, results))
    const { by, saysFinal } = this.#parts
    let text = this.#boundsOf(closing.start, closing.end).json
    const keys = valuesOf(closing.key, by)
    for (let index = 0; index < keys.length; index++) text += this.#keyTexts[index] + JSON.stringify(keys[index])
    if (saysFinal) text += `,"final":${closing.isFinal}`
    for (let index = 0; index < results.length; index++) {
      const result = results[index]
      if (result !== undefined) text += this.#nameTexts[index] + textOf(result)
    }
    return `${text}}`
  }

  key({ key }: Closing): string | null {
    return keyText(valuesOf(key, this.#parts.by))
  }

  origin({ start, end }: Closing): Origin {
    const { component } = this.#parts
    return { component, partition: '', position: { window_start: start, window_end: end } }
  }

  #boundsOf(start: number, end: number) {
    if (this.#bounds.start !== start || this.#bounds.end !== end) this.#bounds = boundsOf(start, end)
    return this.#bounds
  }
}

export type Fields = { [name: string]: Json }
/** Of the aggregates, in their order; undefined for one that there is nothing of. */
export type Results = readonly (Json | undefined)[]

/** The result of one window. Most are written as they are: its value is made when somebody looks at it. */
export class ResultRecord implements StreamRecord {
  readonly shape: ResultShape
  readonly closing: Closing
  readonly results: Results
  #value: JsonObject | undefined = undefined

  constructor(shape: ResultShape, closing: Closing, results: Results) {
    this.shape = shape
    this.closing = closing
    this.results = results
  }

  get value(): JsonObject {
    this.#value ??= this.shape.value(this.closing, this.results)
    return this.#value
  }

  json(): string {
    return this.shape.json(this.closing, this.results)
  }

  get raw(): undefined {
    return undefined
  }

  get format(): undefined {
    return undefined
  }

  get key(): string | null {
    return this.shape.key(this.closing)
  }

  get timestamp(): number {
    return this.closing.end - 1
  }

  get headers(): readonly Header[] {
    return NO_HEADERS
  }

  get origin(): Origin {
    return this.shape.origin(this.closing)
  }
}

const NO_HEADERS: readonly Header[] = []

/** The key of the record that goes out: the one value as text, several as a JSON array. */
export function keyText(keys: readonly Json[]): string | null {
  const only = keys[0]
  if (only === undefined) return null
  if (keys.length > 1) return JSON.stringify(keys)
  return typeof only === 'string' ? only : JSON.stringify(only)
}

function fieldText(name: string): string {
  return `,${JSON.stringify(name)}:`
}

/** Most are numbers, whose text is the same. */
function textOf(result: Json): string {
  return typeof result === 'number' && Number.isFinite(result) ? `${result}` : JSON.stringify(result)
}

function boundsOf(start: number, end: number) {
  const startText = timeText(start)
  const endText = timeText(end)
  return { start, end, startText, endText, json: `{"window_start":"${startText}","window_end":"${endText}"` }
}

/** ISO 8601 in UTC; times that it cannot say are cut to its range, as only broken records have them. */
function timeText(time: number): string {
  return new Date(Math.min(LAST_TIME, Math.max(-LAST_TIME, time))).toISOString()
}

const LAST_TIME = 8.64e15
