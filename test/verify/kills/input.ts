import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Random, seededRandom } from '../../../engine/random.ts'

const FIRST = Date.UTC(2024, 0, 1)
/** Event time between two orders. */
const PACE = 50

/**
 * Writes `orders.ndjson` and `payments.csv` into a folder: both up to 2 s out of order; one order in twenty and one
 * payment in twenty comes twice, one order in a hundred is belated, one in five has no payment, and some lines are broken.
 */
export function writeInput(folder: string, orders: number, seed: number): void {
  const random = seededRandom(seed)
  const numbers = Array.from({ length: orders }, (_, number) => number)
  const orderLines = numbers.flatMap((number) => twice(random, orderLine(number, random)))
  const paid = numbers.filter(() => random.next() < 0.8)
  const payments = paid.flatMap((number) => twice(random, paymentLine(number, random)))
  writeFileSync(join(folder, 'orders.ndjson'), orderLines.map((line) => `${line}\n`).join(''))
  writeFileSync(join(folder, 'payments.csv'), `payment,order,time,amount\n${payments.join('')}`)
}

function orderLine(number: number, random: Random): string {
  if (random.next() < 0.005) return `{"id":${number},"broken`
  const belated = random.next() < 0.01
  const time = FIRST + number * PACE - whole(random, 2_000) - (belated ? 60_000 : 0)
  const [shop, customer] = [`shop-${whole(random, 8)}`, `customer-${whole(random, 200)}`]
  return JSON.stringify({ id: number, time, shop, customer, belated })
}

function paymentLine(number: number, random: Random): string {
  const time = FIRST + number * PACE + 3_000 - whole(random, 2_000)
  const amount = random.next() < 0.005 ? 'broken' : (whole(random, 20_000) / 100).toFixed(2)
  return `p-${number},${number},${new Date(time).toISOString()},${amount}\n`
}

function twice(random: Random, line: string): string[] {
  return random.next() < 0.05 ? [line, line] : [line]
}

function whole(random: Random, below: number): number {
  return Math.floor(random.next() * below)
}
