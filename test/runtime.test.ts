import { describe, expect, it } from 'vitest'
import { openLocalStore } from '../engine/checkpoint/local-store.ts'
import { type Log, openLog } from '../engine/log/index.ts'
import { defineProcessor, defineSink, defineSource, makeRecord, recordsBatch } from '../engine/plugin.ts'
import fileChannel from '../plugins/channels/file/index.ts'
import memoryChannel from '../plugins/channels/memory/index.ts'
import split from '../plugins/processors/split/index.ts'
import { collectingSink, lines, listSource, memoryStorage, pause, records, runPipeline } from './contract/index.ts'
import { killedBeforeForgetting, wait, within } from './faulty.ts'

const numbers = (count: number) => Array.from({ length: count }, (_, n) => records({ n }))
const same = defineProcessor({
  type: 'same',
  summary: 'Emits all.',
  options: {},
  open: () => ({
    process(batch, out) {
      for (const record of batch.records) out.emit(record)
    },
  }),
})

describe('the runtime', () => {
  it('a full file channel behind an inner memory channel does not deadlock', async () => {
    const sink = collectingSink()
    const run = await runPipeline({
      sources: { src: { plugin: listSource(...numbers(40)).plugin } },
      processors: { same: { plugin: same, from: 'src' } },
      channels: {
        mem: { plugin: memoryChannel, from: 'same' },
        buf: { plugin: fileChannel, options: { max_records: 3 }, from: 'mem' },
      },
      sinks: { out: { plugin: sink.plugin, from: 'buf' } },
    })
    const outcome = await within(20_000, run.ended)
    if (outcome === 'stuck') await run.kill()
    expect(outcome).toMatchObject({ exitCode: 0 })
    expect(sink.values.length).toBe(40)
  })

  it('long lists in front of a full file channel behind an inner memory channel do not deadlock', async () => {
    const list = (first: number) => records(Array.from({ length: 500 }, (_, n) => first + n))
    const sink = collectingSink()
    const run = await runPipeline({
      sources: { src: { plugin: listSource(list(0), list(500), list(1000)).plugin } },
      processors: { elements: { plugin: split, from: 'src' } },
      channels: {
        mem: { plugin: memoryChannel, options: { max_records: 10 }, from: 'elements' },
        buf: { plugin: fileChannel, options: { max_records: 3 }, from: 'mem' },
      },
      sinks: { out: { plugin: sink.plugin, from: 'buf' } },
    })
    const outcome = await within(20_000, run.ended)
    if (outcome === 'stuck') await run.kill()
    expect(outcome).toMatchObject({ exitCode: 0 })
    expect(sink.values).toEqual(Array.from({ length: 1500 }, (_, n) => n))
  })

  it('what went through a memory channel meets again what went round it', async () => {
    const sink = collectingSink()
    const run = await runPipeline({
      sources: { src: { plugin: listSource(...numbers(40)).plugin } },
      processors: { same: { plugin: same, from: 'src' } },
      channels: { mem: { plugin: memoryChannel, from: 'same' } },
      sinks: { out: { plugin: sink.plugin, from: ['src', 'mem'] } },
    })
    const outcome = await within(20_000, run.ended)
    if (outcome === 'stuck') await run.kill()
    expect(outcome).toMatchObject({ exitCode: 0 })
    expect({ written: sink.values.length, committed: sink.committed }).toEqual({ written: 80, committed: 80 })
  })

  it.each(['block', 'drop-newest'])(
    'checkpoints do not push more and more into a full file channel from memory channels that %s',
    async (when_full) => {
      const sink = collectingSink()
      sink.fill()
      const source = listSource(...numbers(400))
      const small = { max_records: 2 }
      const run = await runPipeline({
        sources: { src: { plugin: source.plugin } },
        processors: { same: { plugin: same, from: 'src' }, again: { plugin: same, from: 'first' } },
        channels: {
          first: { plugin: memoryChannel, options: small, from: 'same' },
          second: { plugin: memoryChannel, options: { ...small, when_full }, from: 'again' },
          buf: { plugin: fileChannel, options: { max_records: 3 }, from: 'second' },
        },
        sinks: { out: { plugin: sink.plugin, from: 'buf' } },
      })
      await wait(500)
      const written = run.counts('buf').out ?? 0
      sink.makeRoom()
      const outcome = await within(20_000, run.ended)
      if (outcome === 'stuck') await run.kill()
      expect(outcome).toMatchObject({ exitCode: 0 })
      expect(written).toBeLessThan(20)
      const dropped = run.counts('second').dropped ?? 0
      expect({ all: sink.values.length + dropped, dropped: dropped > 0 }).toEqual({
        all: 400,
        dropped: when_full === 'drop-newest',
      })
    },
  )

  it('SIGTERM does not wait for room for an epoch on a full disk, nor is that epoch told to sources and sinks', async () => {
    const storage = memoryStorage()
    const source = listSource(pause(), records(1), pause())
    const sink = collectingSink()
    const run = await runPipeline(
      { sources: { src: { plugin: source.plugin } }, sinks: { out: { plugin: sink.plugin } } },
      { storage },
    )
    await source.atPause()
    storage.setSpace(0)
    source.go()
    while (!run.log.some(({ message }) => message.includes('checkpoints cannot be written'))) await wait(5)
    run.stop()
    expect(await run.ended).toMatchObject({ exitCode: 0 })
    expect(run.log.filter(({ message }) => message.startsWith('stopped while checkpoint was waiting'))).toHaveLength(1)
    expect({ sink: sink.committed, source: source.committed }).toEqual({ sink: 0, source: 0 })
  })

  it('a start on a full disk waits for room in one clear state that names the folder, then runs', async () => {
    const storage = memoryStorage({ space: 0 })
    const sink = collectingSink()
    const run = await runPipeline(
      { sources: { src: { plugin: listSource(records(1)).plugin } }, sinks: { out: { plugin: sink.plugin } } },
      { storage },
    )
    const waiting = () =>
      run.log.filter(({ message }) => message.includes('disk full, /pipeline/state cannot be written'))
    while (waiting().length === 0) await wait(5)
    storage.setSpace(1e6)
    expect(await run.ended).toMatchObject({ exitCode: 0 })
    expect({ said: waiting().length, values: sink.values }).toEqual({ said: 1, values: [1] })
  })

  it('SIGTERM does not wait for room for the state of a start on a full disk', async () => {
    const run = await runPipeline(
      {
        sources: { src: { plugin: listSource(records(1)).plugin } },
        sinks: { out: { plugin: collectingSink().plugin } },
      },
      { storage: memoryStorage({ space: 0 }) },
    )
    while (!run.log.some(({ message }) => message.includes('disk full'))) await wait(5)
    run.stop()
    expect(await run.ended).toMatchObject({ exitCode: 0 })
  })

  it('an epoch that another segment commits while a snapshot is written is not lost', async () => {
    const storage = memoryStorage()
    const log = await openLog(storage, '/log', { segmentSize: 1e7, sync: 'always' })
    let between: (() => Promise<void>) | undefined
    let meanwhile: Promise<void> | undefined
    const slow: Log = new Proxy(log, {
      get(target, name) {
        if (name !== 'append') return Reflect.get(target, name)
        return async (payload: readonly Uint8Array[]) => {
          const number = await target.append(payload)
          const act = between
          if (
            act !== undefined &&
            Buffer.concat([...payload])
              .toString()
              .startsWith('{"piece"')
          ) {
            between = undefined
            meanwhile = act()
          }
          return number
        }
      },
    })
    const store = await openLocalStore(slow)
    const epoch = (n: number, sink: string) => ({
      positions: new Map([[`${sink}-source`, new Map([['p', n]])]]),
      sinks: new Map([[sink, n]]),
    })
    await store.commit(epoch(1, 'b'))
    between = () => store.commit(epoch(2, 'b'))
    await store.commit({ sinks: new Map([['a', 'x'.repeat(1_100_000)]]) })
    await meanwhile
    expect(between).toBeUndefined()
    expect(store.state.sinks.get('b')).toBe(2)
    await store.close()
    const again = await openLocalStore(await openLog(storage, '/log', { segmentSize: 1e7, sync: 'always' }))
    const found = { sink: again.state.sinks.get('b'), source: again.state.positions.get('b-source')?.get('p') }
    expect(found).toEqual({ sink: 2, source: 2 })
  })

  it('a sink is not closed under its write when another sink fails', async () => {
    let writing = false
    let closedUnderWrite = false
    const slow = defineSink({
      type: 'slow',
      summary: 'Writes slowly.',
      delivery: 'at-least-once',
      options: {},
      open: () => ({
        async write() {
          writing = true
          await wait(200)
          writing = false
        },
        async close() {
          closedUnderWrite = writing
        },
      }),
    })
    const broken = collectingSink()
    broken.breakDown(new Error('broken'))
    const source = listSource(records(1), pause())
    const run = await runPipeline({
      sources: { src: { plugin: source.plugin } },
      sinks: { slow: { plugin: slow, from: 'src' }, broken: { plugin: broken.plugin, from: 'src' } },
    })
    await run.ended
    expect(closedUnderWrite).toBe(false)
  })

  it('--reset-state of a file sink keeps what was committed, also when killed before intents were forgotten', async () => {
    const { disk, run, source } = await killedBeforeForgetting()
    expect((await disk.stat('/out/all.ndjson'))?.size).toBeGreaterThan(0)
    source.go()
    const again = await run.resume({ reset: { all: false, names: ['files'] } })
    expect(await again.ended).toMatchObject({ exitCode: 0 })
    expect((await disk.stat('/out/all.ndjson'))?.size).toBeGreaterThanOrEqual(4)
  })

  it('--fresh starts over also when intents are left and somebody replaced the output', async () => {
    const { disk, run, source } = await killedBeforeForgetting()
    await disk.remove('/out/all.ndjson')
    await (await disk.open('/out/all.ndjson', 'create')).close()
    source.go()
    const again = await run.resume({ reset: { all: true, names: [] } })
    expect(await again.ended).toMatchObject({ exitCode: 0 })
  })

  it('batches of nothing but broken lines do not fill the memory', async () => {
    const sink = collectingSink()
    sink.fill()
    const source = listSource(...Array.from({ length: 500 }, () => lines('{', '{', '{')))
    const run = await runPipeline({
      sources: { src: { plugin: source.plugin } },
      channels: { mem: { plugin: memoryChannel, options: { max_records: 10 } } },
      sinks: { out: { plugin: sink.plugin } },
    })
    await wait(300)
    const read = source.handedOver
    await run.kill()
    expect(read).toBeLessThan(50)
  })

  it('what drop-newest lets go is broken lines too, counted: they do not fill the memory', async () => {
    const sink = collectingSink()
    sink.fill()
    const source = listSource(...Array.from({ length: 500 }, () => lines('{', '{', '1')), pause())
    const run = await runPipeline({
      sources: { src: { plugin: source.plugin } },
      channels: { mem: { plugin: memoryChannel, options: { max_records: 10, when_full: 'drop-newest' } } },
      sinks: { out: { plugin: sink.plugin } },
    })
    await source.atPause()
    sink.makeRoom()
    source.go()
    expect(await run.ended).toMatchObject({ exitCode: 0 })
    const letters = (await run.deadLetters()).length
    expect(letters).toBeLessThan(30)
    expect(sink.values.length + letters + (run.counts('src').dropped ?? 0)).toBe(1500)
  })

  it('the few records that a filter leaves do not fill the memory with the bytes that they came in', async () => {
    const few = defineProcessor({
      type: 'few',
      summary: 'Emits the first of a batch.',
      options: {},
      open: () => ({
        process(batch, out) {
          for (const record of batch.records.slice(0, 1)) out.emit(record)
        },
      }),
    })
    const sink = collectingSink()
    sink.fill()
    const batch = lines('1', `"${'x'.repeat(1_000_000)}"`)
    const source = listSource(...Array.from({ length: 100 }, () => batch))
    const run = await runPipeline({
      checkpointInterval: 60_000,
      sources: { src: { plugin: source.plugin } },
      processors: { few: { plugin: few, from: 'src' } },
      channels: { mem: { plugin: memoryChannel, from: 'few' } },
      sinks: { out: { plugin: sink.plugin, from: 'mem' } },
    })
    await wait(300)
    const read = source.handedOver
    await run.kill()
    expect(read).toBeLessThan(30)
  })

  it('what drop-newest lets go does not keep the buffers of its source', async () => {
    let held = 0
    const source = defineSource({
      type: 'leasing',
      summary: 'Lends its buffers.',
      delivery: 'replayable',
      options: {},
      open: (_, context) => ({
        async *batches() {
          for (let n = 1; n <= 500; n++) {
            const origin = { component: context.id, partition: 'p', position: n }
            held += 1
            const release = () => {
              held -= 1
            }
            const record = makeRecord({ value: n, timestamp: 0, origin })
            yield { partition: 'p', records: recordsBatch([record]), position: n, caughtUp: false, release }
          }
        },
      }),
    })
    const sink = collectingSink()
    sink.fill()
    const run = await runPipeline({
      sources: { src: { plugin: source } },
      channels: { mem: { plugin: memoryChannel, options: { max_records: 10, when_full: 'drop-newest' } } },
      sinks: { out: { plugin: sink.plugin } },
    })
    await wait(300)
    const kept = held
    await run.kill()
    expect(kept).toBeLessThan(50)
  })

  it('SIGTERM while min_free keeps a file channel full ends with 0', async () => {
    const storage = memoryStorage({ space: 1024 * 1024 })
    const sink = collectingSink()
    const source = listSource(records(1), records(2), pause())
    const run = await runPipeline(
      {
        sources: { src: { plugin: source.plugin } },
        channels: { buf: { plugin: fileChannel } },
        sinks: { out: { plugin: sink.plugin } },
      },
      { storage, shutdownTimeout: 10_000 },
    )
    await source.atPause()
    run.stop()
    expect(await run.ended).toMatchObject({ exitCode: 0 })
  })

  it('the breaker stops where every record fails behind a file channel', async () => {
    const sink = collectingSink()
    sink.refuse(() => true)
    const batch = () => records(...Array.from({ length: 100 }, (_, n) => n))
    const run = await runPipeline({
      deadLetters: { breaker: { share: 0.5, records: 1000, window: 60_000 } },
      sources: { src: { plugin: listSource(...Array.from({ length: 40 }, batch)).plugin } },
      channels: { buf: { plugin: fileChannel } },
      sinks: { out: { plugin: sink.plugin } },
    })
    expect(await run.ended).toMatchObject({ exitCode: 70 })
  })
})
