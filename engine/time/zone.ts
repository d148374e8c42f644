import { DAY_MS, daysFromCivil, MAX_TIME_MS } from './civil.ts'

/** A time zone. All numbers are milliseconds; a local time is what the clock on the wall shows, as if it were UTC. */
export interface Zone {
  /** As `Intl` spells it: `Europe/Berlin`, `UTC`; or `+05:30`. */
  readonly name: string
  /** Local time minus UTC at this moment. */
  offsetAt(time: number): number
  /**
   * The moment at which the clock shows `local`. Where clocks go forward, a time that they skip counts on from before:
   * 02:30 is the moment that became 03:30. Where they go back, a time that comes twice is the first of the two. (The
   * rule "compatible" of RFC 5545 and of Temporal.)
   */
  toTime(local: number): number
}

export const UTC: Zone = fixedZone('UTC', 0)

/** `UTC`, an IANA name such as `Europe/Berlin`, or a fixed offset such as `+05:30`; undefined for anything else. */
export function findZone(name: string): Zone | undefined {
  const fixed = /^([+-])([01]\d|2[0-3]):([0-5]\d)$/.exec(name)
  if (fixed !== null) {
    const minutes = Number(fixed[2]) * 60 + Number(fixed[3])
    return fixedZone(name, (fixed[1] === '-' ? -minutes : minutes) * 60_000)
  }
  const formatter = formatterOf(name)
  if (formatter === undefined) return undefined
  const { timeZone } = formatter.resolvedOptions()
  return timeZone === 'UTC' ? UTC : namedZone(timeZone, formatter)
}

function fixedZone(name: string, offset: number): Zone {
  return { name, offsetAt: () => offset, toTime: (local) => local - offset }
}

function formatterOf(name: string): Intl.DateTimeFormat | undefined {
  // Some versions of Node take offsets such as `+5` for names.
  if (!/^[A-Za-z]/.test(name)) return undefined
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    return undefined
  }
}

function namedZone(name: string, formatter: Intl.DateTimeFormat): Zone {
  const offsetAt = cachedOffsets((time) => readOffset(formatter, time))
  return { name, offsetAt, toTime: (local) => resolve(local, offsetAt) }
}

/** Clocks change by less than a day, so the offsets a day before and a day after are all that can hold. */
function resolve(local: number, offsetAt: (time: number) => number): number {
  const before = offsetAt(local - DAY_MS)
  const after = offsetAt(local + DAY_MS)
  const early = local - before
  if (before === after || offsetAt(early) === before) return early
  const late = local - after
  return offsetAt(late) === after ? late : early
}

/** A span of time with at most one change of the offset in it. */
interface Chunk {
  readonly before: number
  /** The first moment of `after`; beyond the chunk where nothing changes. */
  readonly change: number
  readonly after: number
}

/** About three days: no zone has ever changed its clocks twice in one. */
const CHUNK_MS = 2 ** 28
const MOST_CHUNKS = 4096

/** `Intl` takes microseconds to answer: it is asked twice for each chunk of time that records come from. */
function cachedOffsets(read: (time: number) => number): (time: number) => number {
  const chunks = new Map<number, Chunk>()
  let lastIndex = Number.NaN
  let last: Chunk | undefined
  return (time) => {
    const index = Math.floor(time / CHUNK_MS)
    if (index !== lastIndex || last === undefined) {
      last = chunks.get(index) ?? readChunk(index * CHUNK_MS, read)
      lastIndex = index
      if (chunks.size >= MOST_CHUNKS) chunks.clear()
      chunks.set(index, last)
    }
    return time < last.change ? last.before : last.after
  }
}

function readChunk(start: number, read: (time: number) => number): Chunk {
  const before = read(start)
  const after = read(start + CHUNK_MS - 1)
  if (before === after) return { before, change: Number.POSITIVE_INFINITY, after }
  let low = start
  let high = start + CHUNK_MS - 1
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (read(middle) === before) low = middle
    else high = middle
  }
  return { before, change: high, after }
}

/** `Intl` counts years before 1 by another era; the offset was local mean time long before and after. */
const EARLIEST = daysFromCivil(1, 1, 3) * DAY_MS

function readOffset(formatter: Intl.DateTimeFormat, time: number): number {
  const known = Math.min(Math.max(time, EARLIEST), MAX_TIME_MS - DAY_MS)
  const whole = Math.floor(known / 1000) * 1000
  const parts: Partial<Record<string, number>> = {}
  for (const { type, value } of formatter.formatToParts(whole)) parts[type] = Number(value)
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts
  return daysFromCivil(year, month, day) * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 - whole
}
