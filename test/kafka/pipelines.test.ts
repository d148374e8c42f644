import { describe, expect, inject, it } from 'vitest'
import type { JsonObject } from '../../engine/plugin.ts'
import { valuesOf } from '../../plugins/shared/kafka/topics.fixture.ts'
import { bucketOf, eventsIn, rowsOf, startEcommerce } from '../ecommerce.ts'
import { streamrun, until, workFolder } from '../streamrun.ts'
import { clientOf } from './client.ts'

describe.each(Object.entries(inject('brokers')))('Apache Kafka %s', (_, { plain }) => {
  it('three processes of ecommerce share the topic: each event of all three logs is shown by one of them, and those that live take over from one that is killed', async () => {
    const shops = Array.from({ length: 3 }, () => new Shop(plain))
    for (const shop of shops) shop.start()
    // A partition each.
    await until(() => shops.every((shop) => shop.shown.length > 50))
    const before = written(shops)
    await untilShown(() => before, shops)
    // While nobody is killed, nothing comes twice.
    expect(surplus(shown(shops), written(shops))).toBe(0)

    const [first, ...others] = shops as [Shop, ...Shop[]]
    const wasShown = first.shown.length
    await first.kill()
    // It had a third of what these write.
    const since = written(others)
    await untilShown(() => since, shops)
    for (const shop of others) await shop.stop()
    // What they had left in their logs, and nearly nothing more.
    for (const shop of shops) shop.start(0.001)
    await untilShown(() => written(shops), shops)
    for (const shop of shops) await shop.stop()

    // Twice comes at most what the killed one had shown or sent since its last checkpoint.
    expect(surplus(shown(shops), written(shops))).toBeLessThan(2 * wasShown)
  }, 300_000)

  it('transactions replays what transactions-data has made: 1,000 typed rows, keyed, in three partitions', async () => {
    const kafka = await clientOf(plain)
    const cwd = workFolder()
    const env = { KAFKA_BROKERS: plain, PACE_EVERY: '0s' }
    for (const name of ['transactions-data', 'transactions']) {
      const { code, stderr } = await streamrun([`pipelines/${name}.yaml`], { cwd, env })
      expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    }
    const partitions = await valuesOf(kafka, 'customer-transactions')
    expect(partitions.length).toBe(3)
    const rows = partitions.flat().map((text) => JSON.parse(text) as JsonObject)
    const numbers = rows.map(({ record_id }) => Number(record_id)).sort((a, b) => a - b)
    expect(numbers).toEqual(Array.from({ length: 1000 }, (_, n) => n + 1))
    expect(rows.every(({ batch_number, record_id }) => batch_number === Math.ceil(Number(record_id) / 10))).toBe(true)
    const customers = partitions.map((values) => new Set(values.map((text) => JSON.parse(text).customer_id)))
    const all = customers.reduce((sum, { size }) => sum + size, 0)
    expect(new Set(customers.flatMap((names) => [...names])).size).toBe(all)
    await kafka.close()
  })
})

/** A process of ecommerce in a working directory of its own, where it can be started again. */
class Shop {
  readonly #cwd = workFolder()
  readonly #brokers: string
  readonly #runs: ReturnType<typeof startEcommerce>[] = []

  constructor(brokers: string) {
    this.#brokers = brokers
  }

  start(rate = 20): void {
    this.#runs.push(startEcommerce(this.#cwd, rate, { KAFKA_BROKERS: this.#brokers }))
  }

  async kill(): Promise<void> {
    await this.#runs.at(-1)?.kill()
  }

  async stop(): Promise<void> {
    await this.#runs.at(-1)?.stop()
  }

  /** What stands in its log, as the screen should show it. */
  get written(): string[] {
    return eventsIn(this.#cwd).map(({ timestamp, product, price }) =>
      textOf({ timestamp, product, price, bucket: bucketOf(price) }),
    )
  }

  get shown(): string[] {
    return this.#runs.flatMap(({ stdout }) => rowsOf(stdout).map(textOf))
  }
}

function textOf({ timestamp, product, price, bucket }: { readonly [name: string]: unknown }): string {
  return JSON.stringify([timestamp, product, price ?? null, bucket])
}

function written(shops: readonly Shop[]): string[] {
  return shops.flatMap((shop) => shop.written)
}

function shown(shops: readonly Shop[]): string[] {
  return shops.flatMap((shop) => shop.shown)
}

function untilShown(rows: () => readonly string[], shops: readonly Shop[]): Promise<void> {
  return until(async () => {
    // To read all of it takes a while, and they want the processor too.
    await new Promise((again) => setTimeout(again, 250))
    const all = new Set(shown(shops))
    return rows().every((row) => all.has(row))
  })
}

/** How many of these there are too many of; two events of one moment may look the same. */
function surplus(rows: readonly string[], of: readonly string[]): number {
  const left = new Map<string, number>()
  for (const row of of) left.set(row, (left.get(row) ?? 0) + 1)
  return rows.filter((row) => {
    const count = left.get(row) ?? 0
    left.set(row, count - 1)
    return count <= 0
  }).length
}
