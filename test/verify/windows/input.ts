import { closeSync, openSync, writeSync } from 'node:fs'
import { type Random, seededRandom } from '../../../engine/random.ts'

const FIRST = Date.UTC(2024, 0, 1)
/** Event time between two records, on average. */
const PACE = 20
const RECORDS_PER_WRITE = 2000

/**
 * Writes so many records as NDJSON, in the order in which they arrive: `id` is the line, `time` the event time. Most are up
 * to 4 s out of order, one in fifty up to two minutes. Some have no price, no user, or null in their place.
 */
export function writeInput(path: string, count: number, seed: number): void {
  const random = seededRandom(seed)
  const file = openSync(path, 'w')
  for (let from = 0; from < count; from += RECORDS_PER_WRITE) {
    const size = Math.min(RECORDS_PER_WRITE, count - from)
    const lines = Array.from({ length: size }, (_, n) => `${JSON.stringify(record(from + n, random))}\n`)
    writeSync(file, lines.join(''))
  }
  closeSync(file)
}

function record(id: number, random: Random) {
  const disorder = random.next() < 0.02 ? 120_000 : 4_000
  const time = FIRST + id * PACE - whole(random, disorder)
  const shop = `shop-${Math.floor(100 * random.next() ** 2)}`
  const visitor = `visitor-${whole(random, 5_000)}`
  return { id, time, shop, visitor, ...price(random), ...user(random) }
}

/** Mostly cents. Some so large, between so small ones, that a plain sum of doubles is not the nearest one. */
function price(random: Random) {
  const kind = random.next()
  if (kind < 0.01) return {}
  if (kind < 0.02) return { price: null }
  if (kind < 0.021) return { price: (random.next() - 0.5) * 2e15 }
  const cents = whole(random, 20_000) / 100
  return { price: kind < 0.1 ? -cents : cents }
}

function user(random: Random) {
  const kind = random.next()
  if (kind < 0.01) return {}
  return { user: kind < 0.02 ? null : `user-${whole(random, 300)}` }
}

function whole(random: Random, below: number): number {
  return Math.floor(random.next() * below)
}
