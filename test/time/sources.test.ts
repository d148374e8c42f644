import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { SharedThings } from '../../engine/index.ts'
import { diskStorage } from '../../engine/storage.ts'
import {
  type CollectingSink,
  collectingSink,
  listSource,
  manualClock,
  memoryStorage,
  records,
  runPipeline,
} from '../contract/index.ts'
import window from './counting-window.ts'

const DONE = { exitCode: 0, error: undefined }
const folders: string[] = []
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))))

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'streamrun-time-'))
  folders.push(folder)
  return folder
}

const DAY = Date.UTC(2020, 1, 3)
/** Seconds of a day long ago. */
const timesFrom = (first: number, count: number, step = 1) => Array.from({ length: count }, (_, n) => first + n * step)
const iso = (second: number) => new Date(DAY + second * 1000).toISOString()
const lines = (seconds: readonly number[]) =>
  seconds.map((second) => `${JSON.stringify({ at: iso(second) })}\n`).join('')

/** What the windows counted, all in all, and whether any came twice. */
function counted({ values }: CollectingSink): { total: number; windows: number; distinct: number } {
  const results = values as { at: string; count: number }[]
  return {
    total: results.reduce((sum, { count }) => sum + count, 0),
    windows: results.length,
    distinct: new Set(results.map(({ at }) => at)).size,
  }
}

async function collect(sources: string, folder: string, settings = {}) {
  const [out, late] = [collectingSink(), collectingSink()]
  const text = `name: files
checkpoint: { interval: 10ms }
sources:
${sources}
processors: { counts: { type: testing-window, size: 1m } }
sinks: { out: { type: stdout }, late: { type: stdout, from: counts.late } }`
  const run = await runPipeline(text, {
    storage: diskStorage(),
    folder,
    plugins: [window],
    replace: { out: { plugin: out.plugin }, late: { plugin: late.plugin } },
    ...settings,
  })
  return { out, late, run }
}

describe('files', () => {
  it('in time order, overlapping, empty and of any length: every event is counted, once', async () => {
    const folder = await newFolder()
    const files = [
      timesFrom(0, 3000),
      timesFrom(3000, 3000),
      timesFrom(2500, 2000),
      [],
      timesFrom(9000, 10),
      timesFrom(100, 7),
    ]
    for (const [n, times] of files.entries()) await writeFile(join(folder, `part-${n}.ndjson`), lines(times))
    const source = `  in: { type: file-tail, path: '${folder}/*.ndjson', follow: false, timestamp: { from: at } }`
    const { out, late, run } = await collect(source, folder)
    expect(await run.ended).toEqual(DONE)
    const { total, windows, distinct } = counted(out)
    expect({ total, repeated: windows - distinct, late: late.values.length }).toEqual({
      total: 8017,
      repeated: 0,
      late: 0,
    })
  })

  it('of several sources, csv among them: one that is not read to its end yet holds the others', async () => {
    const folder = await newFolder()
    await writeFile(join(folder, 'a.csv'), `at\n${timesFrom(0, 20_000).map(iso).join('\n')}\n`)
    await writeFile(join(folder, 'b.csv'), `at\n${timesFrom(0, 500, 40).map(iso).join('\n')}\n`)
    await writeFile(join(folder, 'c.ndjson'), lines(timesFrom(0, 200, 100)))
    const sources = ['a', 'b'].map(
      (name) => `  ${name}: { type: csv, path: ${folder}/${name}.csv, timestamp: { from: at } }`,
    )
    const tail = `  c: { type: file-tail, path: ${folder}/c.ndjson, follow: false, timestamp: { from: at } }`
    const { out, late, run } = await collect([...sources, tail].join('\n'), folder)
    expect(await run.ended).toEqual(DONE)
    expect(counted(out)).toEqual({ total: 20_700, windows: 334, distinct: 334 })
    expect(late.values).toEqual([])
  })

  it('that are followed close their windows when they are idle, and a rerun counts only what is new', async () => {
    const folder = await newFolder()
    const path = join(folder, 'in.ndjson')
    await writeFile(path, lines([1, 2, 61]))
    const source = (follow: boolean) =>
      `  in: { type: file-tail, path: ${path}, follow: ${follow}, timestamp: { from: at, idle: 5s } }`
    const clock = manualClock()
    const first = await collect(source(true), folder, { clock })
    await first.out.until(({ values }) => values.length === 1)
    while (first.out.values.length < 2) {
      clock.advance(5000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(first.out.values).toMatchObject([
      { at: '00:00:00', count: 2 },
      { at: '00:01:00', count: 1 },
    ])
    first.run.stop()
    expect(await first.run.ended).toEqual(DONE)
    await appendFile(path, lines([62, 3000]))
    const second = await collect(source(false), folder)
    expect(await second.run.ended).toEqual(DONE)
    expect(second.late.values).toEqual([{ at: iso(62) }])
    expect(second.out.values.slice(2)).toMatchObject([{ at: '00:50:00', count: 1 }])
  })

  it('that were read to their end keep no end of time: a rerun takes what was added to the last windows', async () => {
    const folder = await newFolder()
    const path = join(folder, 'in.ndjson')
    const source = `  in: { type: file-tail, path: ${path}, follow: false, timestamp: { from: at } }`
    await writeFile(path, lines([1, 2, 61]))
    const first = await collect(source, folder)
    expect(await first.run.ended).toEqual(DONE)
    expect(first.out.values).toMatchObject([
      { at: '00:00:00', count: 2 },
      { at: '00:01:00', count: 1 },
    ])
    await appendFile(path, lines([62, 63]))
    const second = await collect(source, folder)
    expect(await second.run.ended).toEqual(DONE)
    expect(second.late.values).toEqual([])
    expect(second.out.values.slice(2)).toMatchObject([{ at: '00:01:00', count: 2 }])
  })
})

describe('topics', () => {
  const CONNECTION = 'connections: { shop: { type: kafka, topics_dir: /topics } }'

  async function written(values: readonly { at: number; partition: number }[], partitions: number) {
    const settings = { storage: memoryStorage(), shared: new SharedThings(), plugins: [window] }
    const text = `name: writer
${CONNECTION}
sources: { in: { type: file-tail, path: /replaced, timestamp: { from: at, format: epoch_ms } } }
sinks: { out: { type: kafka, topic: events, partition: partition, create: { partitions: ${partitions} } } }`
    const run = await runPipeline(text, {
      ...settings,
      replace: { in: { plugin: listSource(records(...values)).plugin } },
    })
    expect(await run.ended).toEqual(DONE)
    return settings
  }

  it('carry the time of events, so that windows behind them need no timestamp, and empty partitions hold nothing', async () => {
    const seconds = timesFrom(0, 200)
    const settings = await written(
      seconds.map((second) => ({ at: DAY + second * 1000, partition: second % 2 })),
      4,
    )
    const clock = manualClock()
    const [out, late] = [collectingSink(), collectingSink()]
    const text = `name: reader
checkpoint: { interval: 10ms }
${CONNECTION}
sources: { in: { type: kafka, topics: events, timestamp: { idle: 3s, out_of_orderness: 200s } } }
processors: { counts: { type: testing-window, size: 1m } }
sinks: { out: { type: stdout }, late: { type: stdout, from: counts.late } }`
    const run = await runPipeline(text, {
      ...settings,
      clock,
      folder: '/reader',
      replace: { out: { plugin: out.plugin }, late: { plugin: late.plugin } },
    })
    while (out.values.length < 4) {
      clock.advance(1000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(counted(out)).toEqual({ total: 200, windows: 4, distinct: 4 })
    expect(late.values).toEqual([])
    run.stop()
    await run.ended
  })
})
