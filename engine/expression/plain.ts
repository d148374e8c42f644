import type { Json, JsonObject } from '../record.ts'
import { LimitReached } from './limits.ts'

/** A result that is no JSON; `reason` completes "it ..." and holds nothing of the data. */
export class NotJson extends Error {
  readonly reason: string

  constructor(reason: string) {
    super(reason)
    this.name = 'NotJson'
    this.reason = reason
  }
}

/**
 * The copy of a result that records may hold. The interpreter marks arrays as its own (`sequence`, `keepSingleton`),
 * and marked arrays mean something else when the next expression reads them. Throws `NotJson` for functions and for
 * numbers that JSON has no text for (it would silently say null), `LimitReached` beyond `maxText` characters.
 */
export function plainJson(value: unknown, maxText: number): Json {
  return new Copy(maxText).of(value, 0)
}

/** Deeper than any data that was parsed, and well within the stack. */
const MAX_DEPTH = 1000

class Copy {
  #left: number
  readonly #maxText: number

  constructor(maxText: number) {
    this.#left = maxText
    this.#maxText = maxText
  }

  of(value: unknown, depth: number): Json {
    if (typeof value === 'string') return this.#pay(value.length + 2, value)
    if (typeof value === 'number') return this.#pay(1, finite(value))
    if (typeof value === 'boolean' || value === null) return this.#pay(4, value)
    if (value === undefined) return this.#pay(4, null)
    if (depth > MAX_DEPTH) throw new LimitReached(`yields a value that is nested more than ${MAX_DEPTH} deep`)
    if (Array.isArray(value))
      return this.#pay(
        2,
        value.map((item) => this.of(item, depth + 1)),
      )
    return this.#object(value, depth)
  }

  #object(value: unknown, depth: number): JsonObject {
    if (typeof value !== 'object' || isCallable(value as object)) throw new NotJson('yields a function')
    const copy: Record<string, Json> = {}
    for (const [name, part] of Object.entries(value as object)) {
      if (part !== undefined) define(copy, this.#pay(name.length + 4, name), this.of(part, depth + 1))
    }
    return this.#pay(2, copy)
  }

  #pay<T>(characters: number, value: T): T {
    this.#left -= characters
    if (this.#left < 0) throw new LimitReached(`yields more than ${this.#maxText} characters`)
    return value
  }
}

function finite(value: number): number {
  if (Number.isFinite(value)) return value
  throw new NotJson('yields a number that is not finite')
}

function isCallable(value: object): boolean {
  return '_jsonata_lambda' in value || '_jsonata_function' in value
}

/** Assigning to `__proto__` would change the prototype instead (CF-10). */
function define(target: Record<string, Json>, name: string, value: Json): void {
  if (name !== '__proto__') target[name] = value
  else Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
}
