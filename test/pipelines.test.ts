import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { JsonObject } from '../engine/plugin.ts'
import { collectingSink, manualClock, memoryStorage, runPipeline } from './contract/index.ts'
import { streamrun, until, workFolder } from './streamrun.ts'

/** The file that `pipelines/transactions-data.yaml` makes, in a folder of its own. */
async function madeTransactions(): Promise<{ cwd: string; csv: string }> {
  const cwd = workFolder()
  const { code, stderr } = await streamrun(['pipelines/transactions-data.yaml', '--quiet'], { cwd })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return { cwd, csv: readFileSync(join(cwd, 'data/customer_transactions_1200.csv'), 'utf8') }
}

it('transactions-data makes the same 1,200 rows of 23 columns each time', async () => {
  const { csv } = await madeTransactions()
  const lines = csv.trimEnd().split('\n')
  expect(lines.length).toBe(1201)
  expect(lines[0]?.split(',').length).toBe(23)
  expect(lines[1]).toMatch(/^CUST_\d{5},TXN_407510,2026-/)
  expect((await madeTransactions()).csv).toBe(csv)
})

it('transactions replays 1,000 typed rows whose amounts fit together, keyed by customer', async () => {
  const { cwd } = await madeTransactions()
  const env = { PACE_EVERY: '0s' }
  const { code, stderr } = await streamrun(['pipelines/transactions.yaml', '--quiet'], { cwd, env })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const rows = await valuesOf(cwd, 'customer-transactions')
  expect(rows.length).toBe(1000)
  for (const row of rows) {
    const { quantity, unit_price, total_amount, discount, final_amount } = row as { [name: string]: number }
    expect(total_amount).toBeCloseTo(Number(quantity) * Number(unit_price), 2)
    expect(final_amount).toBeCloseTo(Number(total_amount) - Number(discount), 2)
    expect(typeof row.is_premium_customer).toBe('boolean')
    expect(typeof row.zip_code).toBe('string')
  }
})

it('transactions hands over ten rows, waits ten seconds, and goes on', async () => {
  const { csv } = await madeTransactions()
  const storage = memoryStorage()
  const file = await storage.open('/transactions.csv', 'create')
  await file.write([Buffer.from(csv)], 0)
  await file.close()
  const clock = manualClock()
  const sink = collectingSink()
  const text = readFileSync('pipelines/transactions.yaml', 'utf8')
  const variables = { TRANSACTIONS_CSV: '/transactions.csv' }
  const run = await runPipeline(text, { storage, clock, variables, replace: { topic: { plugin: sink.plugin } } })
  for (const batch of [1, 2, 3]) {
    await sink.until(({ values }) => values.length === batch * 10)
    // The timer of the checkpoints, and the pace.
    await until(() => clock.waiting === 2)
    const last = sink.values.at(-1) as JsonObject
    expect([last.batch_number, last.batch_position, last.record_id]).toEqual([batch, 10, batch * 10])
    expect(last.producer_timestamp).toBe(clock.now() / 1000)
    clock.advance(10_000)
  }
  run.stop()
  expect(await run.ended).toMatchObject({ exitCode: 0 })
})

/** The records of a topic of a working directory, as another pipeline reads them. */
async function valuesOf(cwd: string, topic: string): Promise<JsonObject[]> {
  const { code, stdout } = await streamrun([join(import.meta.dirname, 'topic-to-stdout.yaml'), '--quiet'], {
    cwd,
    env: { TOPIC: topic },
  })
  expect(code).toBe(0)
  const lines = stdout.trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as JsonObject)
}
