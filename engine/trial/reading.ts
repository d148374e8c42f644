import type { FaultLog, Path, Span } from '../config/faults.ts'
import { didYouMean } from '../config/nearest.ts'
import { type Node, nodeAt } from '../config/tree.ts'
import { messageOf } from '../errors.ts'
import { parseDuration } from '../quantities.ts'
import type { Json, JsonObject } from '../record.ts'

/** What a case is read with. */
export interface Reading {
  readonly root: Node
  readonly faults: FaultLog
  /** Gives the text of a file beside the test file. */
  readonly readText: (path: string) => Promise<string>
}

/** The lines of a fixture; none, with a fault, when it cannot be read. */
export async function linesOf(file: string, path: Path, reading: Reading): Promise<readonly string[]> {
  try {
    return (await reading.readText(file)).split('\n').filter((line) => line !== '')
  } catch (error) {
    report(reading, path, `the file "${file}" cannot be read: ${messageOf(error)}`)
    return []
  }
}

/** A map with a key that begins with `$` says more about a record than its value. */
export function isEnvelope(entry: Json): entry is JsonObject {
  return isMap(entry) && Object.keys(entry).some((key) => key.startsWith('$'))
}

/** Reports keys that mean nothing; says whether there are none. */
export function checkKeys(entry: JsonObject, known: readonly string[], path: Path, reading: Reading): boolean {
  const unknown = Object.keys(entry).filter((key) => !known.includes(key))
  for (const key of unknown) {
    const at = keyAt(reading.root, [...path, key])
    const hint = didYouMean(key, known) ?? `known here: ${known.join(', ')}`
    reading.faults.add({ code: 'SR_UNKNOWN_KEY', at, path: [...path, key], message: 'unknown key', hint })
  }
  return unknown.length === 0
}

export const TIME_HINT =
  'ISO 8601 with a zone, epoch milliseconds, or a duration since the start of the case, such as 5s'

/** Epoch milliseconds; undefined for what is no time. A duration counts from `start`. */
export function timeOf(written: Json, start: number): number | undefined {
  if (typeof written === 'number') return written
  if (typeof written !== 'string') return undefined
  const since = parseDuration(written)
  if (!Number.isNaN(since)) return start + since
  const time = /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$/.test(written) ? Date.parse(written) : Number.NaN
  return Number.isNaN(time) ? undefined : time
}

export function report({ root, faults }: Reading, path: Path, message: string, hint?: string): void {
  faults.add({ code: 'SR_TEST_CASE', at: placeAt(root, path), path, message, hint })
}

/** Where the value at `path` stands, or the nearest thing above it. */
export function placeAt(root: Node, path: Path): Span {
  for (let length = path.length; length > 0; length--) {
    const found = nodeAt(root, path.slice(0, length))
    if (found !== undefined) return { start: found.node.start, end: found.node.end }
  }
  return { start: 0, end: 0 }
}

export function keyAt(root: Node, path: Path): Span {
  return nodeAt(root, path)?.key ?? placeAt(root, path)
}

export function isMap(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
