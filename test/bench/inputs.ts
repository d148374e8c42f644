import { closeSync, existsSync, openSync, renameSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Random, seededRandom } from '../../engine/random.ts'
import { reading, type Sensors } from './readings.ts'
import { TRANSACTION_HEADER, transactionRow } from './transactions.ts'

const SEED = 7
const EVENTS_PER_WRITE = 2000

/**
 * A file of `count` e-commerce events as NDJSON, about 350 bytes each: the same bytes on every machine, made once and
 * kept in the temporary folder of the system. Its path.
 */
export function makeEvents(count: number, say: (text: string) => void): string {
  return makeOnce(`events-${SEED}-${count}.ndjson`, say, (path) => {
    writeEvents(path, count, (index, random) => JSON.stringify(makeEvent(index, random)))
  })
}

/** The same for a CSV file of `count` transactions. */
export function makeTable(count: number, say: (text: string) => void): string {
  return makeOnce(`transactions-${SEED}-${count}.csv`, say, (path) => {
    writeEvents(path, count, transactionRow, TRANSACTION_HEADER)
  })
}

/** The same for an NDJSON file of `count` readings. */
export function makeReadings(count: number, sensors: Sensors, say: (text: string) => void): string {
  return makeOnce(`readings-${SEED}-${sensors}-${count}.ndjson`, say, (path) => {
    writeEvents(path, count, (index, random) => JSON.stringify(reading(sensors, index, random)))
  })
}

function makeOnce(name: string, say: (text: string) => void, write: (path: string) => void): string {
  const path = join(tmpdir(), `streamrun-bench-${name}`)
  if (existsSync(path)) return path
  say(`making ${path}`)
  // Renamed when whole, so that a run that was stopped leaves no half file to be taken for it.
  const unfinished = `${path}.unfinished`
  write(unfinished)
  renameSync(unfinished, path)
  return path
}

function writeEvents(
  path: string,
  count: number,
  lineOf: (index: number, random: Random) => string,
  header?: string,
): void {
  const random = seededRandom(SEED)
  const file = openSync(path, 'w')
  if (header !== undefined) writeSync(file, `${header}\n`)
  for (let from = 0; from < count; from += EVENTS_PER_WRITE) {
    const size = Math.min(EVENTS_PER_WRITE, count - from)
    const lines = Array.from({ length: size }, (_, index) => `${lineOf(from + index, random)}\n`)
    writeSync(file, lines.join(''))
  }
  closeSync(file)
}

function makeEvent(index: number, random: Random) {
  const user = whole(random, 50_000)
  const product = pick(random, PRODUCTS)
  return {
    event_id: `${hex(random)}-${hex(random)}`,
    event_type: pick(random, EVENT_TYPES),
    ordered_at: new Date(FIRST_EVENT + index * 40 + whole(random, 2000)).toISOString(),
    user_id: `user-${user}`,
    session_id: `${user}-${whole(random, 9)}`,
    product_id: `p-${whole(random, 4000)}`,
    product: product.name,
    category: product.category,
    price: (product.cents + whole(random, 2000)) / 100,
    quantity: 1 + whole(random, 4),
    address: pick(random, ADDRESSES),
    payment: pick(random, ['card', 'invoice', 'transfer', null]),
    returning: random.next() < 0.6,
    referrer: pick(random, REFERRERS),
  }
}

const FIRST_EVENT = Date.UTC(2026, 0, 1)
/** Three in ten are purchases. */
const EVENT_TYPES = [...Array(45).fill('view'), ...Array(20).fill('cart'), ...Array(30).fill('purchase'), 'refund']
const PRODUCTS = [
  { name: 'Bamboo cutting board', category: 'kitchen', cents: 1299 },
  { name: 'Running shoes, size 42', category: 'sports', cents: 8950 },
  { name: 'Käsereibe aus Edelstahl', category: 'kitchen', cents: 1590 },
  { name: 'Wireless headphones', category: 'electronics', cents: 12900 },
  { name: 'Notebook "Dot Grid" A5', category: 'stationery', cents: 790 },
  { name: 'Mechanical keyboard', category: 'electronics', cents: 9900 },
  { name: 'Organic cotton towel', category: 'household', cents: 1999 },
  { name: 'Camping lantern', category: 'outdoor', cents: 3450 },
]
const ADDRESSES = [
  { country: 'DE', city: 'Hamburg', zip: '20095' },
  { country: 'DE', city: 'Köln', zip: '50667' },
  { country: 'FR', city: 'Lyon', zip: '69001' },
  { country: 'NL', city: 'Utrecht', zip: '3511' },
  { country: 'ES', city: 'Sevilla', zip: '41001' },
]
const REFERRERS = ['search', 'newsletter', 'direct', 'partner', 'social']

function whole(random: Random, below: number): number {
  return Math.floor(random.next() * below)
}

function pick<T>(random: Random, from: readonly T[]): T {
  return from[whole(random, from.length)] as T
}

function hex(random: Random): string {
  return whole(random, 2 ** 32)
    .toString(16)
    .padStart(8, '0')
}
