import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeTopics, sendRecords } from './disk-topics.ts'
import { filesIn, streamrun, workFolder } from './streamrun.ts'

const ORDERS = `
name: orders
sources:
  log: { type: file-tail, path: orders.log, codec: json }
processors:
  purchases: { type: filter, where: event = "purchase" }
  bucket:
    type: jsonata
    set: { bucket: '$exists(price) ? (price < 20 ? "low" : "high")' }
sinks:
  out: { type: file, path: 'out/{event}.ndjson' }
`

const LINES = ['{"event":"purchase","price":3}', '{"event":"view"}', 'broken', '{"event":"purchase"}', '']

function folderWith(pipeline: string): string {
  const cwd = workFolder()
  writeFileSync(join(cwd, 'orders.yaml'), pipeline)
  return cwd
}

async function tried(cwd: string, ...args: string[]): Promise<string> {
  const before = filesIn(cwd)
  const { code, stdout, stderr } = await streamrun(['try', 'orders.yaml', ...args], { cwd })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(filesIn(cwd)).toEqual(before)
  return stdout
}

describe('streamrun try', () => {
  it('shows per step what came in, out, was dropped or failed and why, and writes nothing anywhere', async () => {
    const cwd = folderWith(ORDERS)
    writeFileSync(join(cwd, 'orders.log'), LINES.join('\n'))
    const shown = await tried(cwd)
    expect(shown).toMatch(/^log +source file-tail +- +4 +- +1 +nothing more came$/m)
    expect(shown).toMatch(/^purchases +processor filter +3 +2 +1 +-$/m)
    expect(shown).toMatch(/^out +sink file +2/m)
    expect(shown).toContain('dropped  {"event":"view"}')
    expect(shown).toContain('1 x log: SR_JSON_INVALID')
    expect(shown).toContain('Nothing was written')
  })

  it('shows that a missing field stays missing, where others count it as 0 and call it low', async () => {
    const cwd = folderWith(ORDERS)
    writeFileSync(join(cwd, 'orders.log'), LINES.join('\n'))
    const shown = await tried(cwd)
    expect(shown).toMatch(/after {4}\{"event":"purchase","price":3,"bucket":"low"\}\n +\+ bucket: "low"\n/)
    expect(shown).toContain('\n  {"event":"purchase"}\n')
  })

  it('reads what is new for it with every call: positions stay where they are', async () => {
    const cwd = folderWith(ORDERS.replace('codec: json', 'codec: json, follow: false'))
    writeFileSync(join(cwd, 'orders.log'), LINES.join('\n'))
    const [first, second] = [await tried(cwd, '--limit', '2'), await tried(cwd, '--limit', '2')]
    const withoutCosts = (text: string) => text.replace(/ +[\d.]+ us/g, '')
    expect(withoutCosts(first)).toBe(withoutCosts(second))
    expect(first).toMatch(/^log +source file-tail +- +2/m)
    expect((await streamrun(['orders.yaml'], { cwd })).stderr).toContain('4 records in')
  })

  it('takes a sample file in the place of a source of files, or of a topic', async () => {
    const cwd = folderWith(ORDERS)
    writeFileSync(join(cwd, 'sample.ndjson'), LINES.join('\n'))
    expect(await tried(cwd, '--sample', 'sample.ndjson')).toMatch(/^out +sink file +2/m)
    const topic = 'connections: { k: { type: kafka } }\nsources:\n  log: { type: kafka, topics: [orders] }'
    writeFileSync(join(cwd, 'orders.yaml'), ORDERS.replace(/sources:\n.*/, topic))
    expect(await tried(cwd, '--sample', 'log=sample.ndjson')).toMatch(/^out +sink file +2/m)
  })

  it('reads the beginning of a topic without joining its group', async () => {
    const topic = 'connections: { k: { type: kafka } }\nsources:\n  log: { type: kafka, topics: [orders], group: g }'
    const cwd = folderWith(ORDERS.replace(/sources:\n.*/, topic))
    await makeTopics(cwd, async (kafka) => {
      await kafka.createTopic('orders', { partitions: 1 })
      const records = LINES.slice(0, 4).map((line) => ({
        key: null,
        value: Buffer.from(line),
        timestamp: 5,
        headers: [],
      }))
      await sendRecords(kafka, 'orders', 0, records)
    })
    expect(await tried(cwd, '--limit', '3')).toMatch(/^purchases +processor filter +2 +1 +1/m)
    expect((await streamrun(['topics', 'lag'], { cwd })).stdout).not.toContain('g ')
  })

  it('says that a record is kept where a step has taken it into its state, and dropped where it has let it go', async () => {
    const steps = `processors:
  shoppers: { type: window, every: 10s, where: event = "purchase", aggregate: { sold: $count($) }, having: sold > 1 }
sinks:`
    const cwd = folderWith(
      ORDERS.replace(/processors:[\s\S]*sinks:/, steps)
        .replace('codec: json', 'codec: json, timestamp: { from: at, format: epoch_s }')
        .replace('{event}', 'shoppers'),
    )
    const events = [
      { event: 'purchase', at: 1 },
      { event: 'view', at: 2 },
      { event: 'purchase', at: 11 },
      { event: 'purchase', at: 12 },
      { event: 'purchase', at: 20 },
    ]
    writeFileSync(join(cwd, 'orders.log'), events.map((event) => `${JSON.stringify(event)}\n`).join(''))
    const shown = await tried(cwd)
    // Of the three windows two are held back by \`having\`.
    expect(shown).toMatch(/^shoppers +processor window +5 +1 +3 +- +kept 4$/m)
    expect(shown.match(/^ {2}(kept|dropped|made) .*/gm)).toEqual([
      '  kept     {"event":"purchase","at":1}',
      '  dropped  {"event":"view","at":2}',
      '  kept     {"event":"purchase","at":11}',
      expect.stringMatching(/^ {2}made .*"sold":2/),
    ])
  })

  it('writes the same as one JSON document with --json', async () => {
    const cwd = folderWith(ORDERS)
    writeFileSync(join(cwd, 'orders.log'), LINES.join('\n'))
    const { steps, ...rest } = JSON.parse(await tried(cwd, '--json'))
    expect(rest).toEqual({
      pipeline: 'orders',
      dead_letters: {
        count: 1,
        reasons: [expect.objectContaining({ component: 'log', code: 'SR_JSON_INVALID', count: 1 })],
      },
      error: null,
    })
    const [log, purchases, bucket, out] = steps
    expect(steps).toHaveLength(4)
    expect(log).toEqual({
      name: 'log',
      kind: 'source',
      type: 'file-tail',
      out: 4,
      failed: 1,
      counts: {},
      note: 'nothing more came',
    })
    expect(purchases).toMatchObject({ name: 'purchases', in: 3, out: 2, dropped: 1 })
    expect(purchases.examples).toEqual([{ kind: 'dropped', before: { event: 'view' } }])
    const micros = expect.any(Number)
    expect(purchases.expressions).toEqual([
      { option: 'where', text: 'event = "purchase"', evaluations: 3, microseconds: micros },
    ])
    expect(bucket.examples[0]).toMatchObject({ kind: 'changed', after: [{ value: { price: 3, bucket: 'low' } }] })
    expect(bucket.expressions).toMatchObject([{ option: 'set.bucket' }])
    expect(out).toMatchObject({ name: 'out', kind: 'sink', in: 2 })
    expect(out.records.map(({ value }: { value: unknown }) => value)).toEqual([
      { event: 'purchase', price: 3, bucket: 'low' },
      { event: 'purchase' },
    ])
  })

  it.each([[''], ['log=']])(
    'ends with 66 and names the sample file when it is not there: %smissing.ndjson',
    async (name) => {
      const cwd = folderWith(ORDERS)
      const { code, stdout, stderr } = await streamrun(['try', 'orders.yaml', '--sample', `${name}missing.ndjson`], {
        cwd,
      })
      expect({ code, stdout }).toEqual({ code: 66, stdout: '' })
      expect(stderr).toBe('SR_INPUT_MISSING --sample missing.ndjson: there is no such file\n')
      expect((await streamrun(['try', 'orders.yaml', '--sample', '.'], { cwd })).stderr).toContain(
        '--sample .: it is no file',
      )
    },
  )

  it('says which source a sample is for when there are several, and what was meant', async () => {
    const cwd = folderWith(ORDERS.replace('processors:', '  more: { type: file-tail, path: more.log }\nprocessors:'))
    const unnamed = await streamrun(['try', 'orders.yaml', '--sample', 's.ndjson'], { cwd })
    expect(unnamed.code).toBe(64)
    expect(unnamed.stderr).toContain('NAME=FILE, of log, more')
    const misspelt = await streamrun(['try', 'orders.yaml', '--sample', 'mroe=s.ndjson'], { cwd })
    expect(misspelt.stderr).toContain('did you mean "more"?')
  })
})
