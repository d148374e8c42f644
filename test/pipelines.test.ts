import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { JsonObject } from '../engine/plugin.ts'
import { collectingSink, listSource, manualClock, memoryStorage, runPipeline } from './contract/index.ts'
import { bucketOf, eventsIn, idsIn, LOGS, rowsOf, startEcommerce } from './ecommerce.ts'
import { filesIn, streamrun, until, workFolder } from './streamrun.ts'

const PIPELINES = readdirSync('pipelines').filter((name) => /^[^.]+\.yaml$/.test(name))

it('every pipeline is valid, and the tests beside each of them pass', async () => {
  const files = PIPELINES.map((name) => `pipelines/${name}`)
  const { code, stderr } = await streamrun(['validate', ...files], { cwd: workFolder() })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const tests = files.map((file) => file.replace('.yaml', '.test.yaml'))
  const { code: failed, stdout } = await streamrun(['test', ...files], { cwd: workFolder() })
  expect({ failed, stdout }).toEqual({ failed: 0, stdout: expect.stringMatching(/^(\d{2}) passed, 0 failed/m) })
  for (const file of tests) expect(stdout).toContain(`${file}\n  ok `)
})

interface Shown {
  readonly cwd: string
  readonly stdout: string
}

it.each([
  [
    'logins',
    ({ stdout }: Shown) => stdout.match(/^2026|^\d\S+ \S+ {2}user_/gm)?.length,
    { LOGINS: '60', LOGINS_PER_SEC: '500' },
  ],
  ['user-activity', ({ stdout }: Shown) => stdout.match(/ session {3}user_/g)?.length, { COUNT: '300', RATE: '2000' }],
  [
    'login-insights',
    ({ cwd }: Shown) => filesIn(join(cwd, 'insights'))['days.ndjson']?.match(/"logins":(\d+)/)?.[1],
    { LOGINS: '60', LOGINS_PER_SEC: '500' },
  ],
])(
  '%s ends by itself when its generator has an end, with everything closed and counted',
  async (name, counted, env) => {
    const cwd = workFolder()
    const { code, stderr, stdout } = await streamrun([`pipelines/${name}.yaml`], { cwd, env })
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    expect(stderr).not.toMatch(/WARN|Warning/)
    expect(Number(counted({ cwd, stdout }))).toBeGreaterThan(10)
  },
)

it('ecommerce brings what the shop wrote to its log into the topic, and shows each price in its bucket', async () => {
  const cwd = workFolder()
  const busy = startEcommerce(cwd, 500)
  await busy.until(() => eventsIn(cwd).length > 500)
  renameSync(join(cwd, LOGS, 'input.log'), join(cwd, LOGS, 'input.log.1'))
  await busy.until(() => eventsIn(cwd).length > 1000)
  await busy.stop()
  // What is left in the log is read at the next start, when hardly anything comes.
  const quiet = startEcommerce(cwd, 0.001)
  const rows = () => rowsOf(`${busy.stdout}${quiet.stdout}`)
  await quiet.until(() => rows().length >= eventsIn(cwd).length)
  await quiet.stop()

  const events = eventsIn(cwd)
  const read = await recordsOf(cwd)
  expect(read.map(({ value }) => value).sort(byId)).toEqual(events.toSorted(byId))
  expect(new Set(read.map(({ partition }) => partition))).toEqual(new Set([0, 1, 2]))
  expect(read.every(({ key, value }) => key === value.user_id)).toBe(true)
  const shown = events.map(({ timestamp, price, product }) => ({ timestamp, product, price, bucket: bucketOf(price) }))
  const asText = (row: object) => JSON.stringify(row)
  expect(rows().map(asText).sort()).toEqual(shown.map(asText).sort())
  expect(new Set(shown.map(({ bucket }) => bucket))).toEqual(new Set(['low', 'medium', 'high', 'unpriced']))
})

it('ecommerce loses nothing when it is killed again and again while its log is rotated', async () => {
  const cwd = workFolder()
  const log = join(cwd, LOGS, 'input.log')
  for (let round = 1; round <= 4; round++) {
    const run = startEcommerce(cwd, 500)
    const before = eventsIn(cwd).length
    await run.until(() => existsSync(log) && eventsIn(cwd).length > before)
    renameSync(log, `${log}-2026010${round}`)
    // In the first round, and every other, that is before its first checkpoint.
    await run.until(() => existsSync(log) && eventsIn(cwd).length > before + ((round + 1) % 2) * 1000)
    await run.kill()
  }
  const last = startEcommerce(cwd, 0.001)
  await last.until(async () => {
    const found = idsIn((await recordsOf(cwd)).map(({ value }) => value))
    return [...idsIn(eventsIn(cwd))].every((id) => found.has(id))
  })
  await last.stop()
  expect(idsIn((await recordsOf(cwd)).map(({ value }) => value))).toEqual(idsIn(eventsIn(cwd)))
  expect(readdirSync(join(cwd, LOGS)).length).toBe(5)
  expect(existsSync(join(cwd, '.streamrun/ecommerce/dead-letters'))).toBe(false)
})

async function recordsOf(cwd: string): Promise<{ partition: number; key: string; value: JsonObject }[]> {
  const { code, stdout } = await streamrun(['read', 'events'], { cwd })
  return code === 0
    ? stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    : []
}

function byId(a: JsonObject, b: JsonObject): number {
  return String(a.event_id) < String(b.event_id) ? -1 : 1
}

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
  // The consumer stays out of it.
  const replace = {
    topic: { plugin: sink.plugin },
    'produced-transactions': { plugin: listSource().plugin },
    results: { plugin: collectingSink().plugin },
  }
  const run = await runPipeline(text, { storage, clock, variables, replace })
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
