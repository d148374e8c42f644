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
 * A result as records may hold it: the value itself where it is plain JSON, a copy where it is not. Evaluations mark
 * arrays as their own (`sequence`, `keepSingleton`), and marked arrays mean something else when the next expression
 * reads them. Throws `NotJson` for functions and for numbers that JSON has no text for (it would silently say null),
 * `LimitReached` beyond `maxText` characters.
 */
export function plainJson(value: unknown, maxText: number): Json {
  return new Plain(maxText).of(value, 0)
}

/** Deeper than any data that was parsed, and well within the stack. */
const MAX_DEPTH = 1000

class Plain {
  #left: number
  readonly #maxText: number

  constructor(maxText: number) {
    this.#left = maxText
    this.#maxText = maxText
  }

  of(value: unknown, depth: number): Json {
    if (typeof value === 'string') this.#pay(value.length + 2)
    else if (typeof value === 'number') this.#pay(finite(value) < 10 ? 1 : 2)
    else if (typeof value === 'boolean' || value === null) this.#pay(4)
    else if (value === undefined) return this.#nothing()
    else return this.#structure(value, depth)
    return value
  }

  #nothing(): null {
    this.#pay(4)
    return null
  }

  #structure(value: unknown, depth: number): Json {
    if (depth > MAX_DEPTH) throw new LimitReached(`yields a value that is nested more than ${MAX_DEPTH} deep`)
    if (typeof value !== 'object' || isCallable(value as object)) throw new NotJson('yields a function')
    this.#pay(2)
    return Array.isArray(value) ? this.#array(value, depth) : this.#object(value as JsonObject, depth)
  }

  #array(items: readonly unknown[] & { readonly sequence?: true; readonly cons?: true }, depth: number): Json {
    // A transform can set named fields on a list, which JSON has no place for.
    const isMarked = items.sequence || items.cons || Object.keys(items).length > items.length
    let copy: Json[] | undefined = isMarked ? (items.slice() as Json[]) : undefined
    for (let index = 0; index < items.length; index++) {
      const item = this.of(items[index], depth + 1)
      if (item === items[index]) continue
      copy ??= items.slice() as Json[]
      copy[index] = item
    }
    return copy ?? (items as readonly Json[])
  }

  #object(fields: JsonObject, depth: number): Json {
    let copy: Record<string, Json> | undefined
    for (const name of Object.keys(fields)) {
      const value = fields[name]
      this.#pay(name.length + 4)
      const part = value === undefined ? undefined : this.of(value, depth + 1)
      if (part === value && part !== undefined) continue
      copy ??= { ...fields }
      if (part === undefined) delete copy[name]
      else define(copy, name, part)
    }
    return copy ?? fields
  }

  #pay(characters: number): void {
    this.#left -= characters
    if (this.#left < 0) throw new LimitReached(`yields more than ${this.#maxText} characters`)
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
