import { expect, it } from 'vitest'
import {
  lines,
  listSource,
  manualClock,
  memoryStorage,
  type RunSettings,
  records,
  runPipeline,
} from '../../test/contract/index.ts'
import { defineSink, recordsBatch, retryable, type Sink, type StreamRecord, withAdded } from '../plugin.ts'

/** A pipeline of one record into this sink. */
function runInto(sink: Sink, settings: RunSettings = {}) {
  const plugin = defineSink({ type: 'odd', summary: 'Fails.', options: {}, delivery: 'exactly-once', open: () => sink })
  return runPipeline(
    { sources: { src: { plugin: listSource(records(1)).plugin } }, sinks: { out: { plugin } } },
    { storage: memoryStorage(), ...settings },
  )
}

/** Takes everything, but for `changes`. */
function sinkWith(changes: Partial<Sink>): { sink: Sink; seen: string[] } {
  const seen: string[] = []
  const sink: Sink = {
    write: async () => void seen.push('write'),
    flush: async () => 1,
    restore: async () => void seen.push('restore'),
    close: async () => void seen.push('close'),
    ...changes,
  }
  return { sink, seen }
}

it('a sink whose restore fails is closed', async () => {
  const { sink, seen } = sinkWith({ restore: async () => Promise.reject(new Error('no')) })
  const run = await runInto(sink)
  expect(await run.ended).toMatchObject({ error: { code: 'SR_PLUGIN_DEFECT', message: 'out: no' } })
  expect(seen).toEqual(['close'])
})

it('the fault that a start failed with is told, also when its sink cannot be closed then', async () => {
  const fail = (text: string) => async () => Promise.reject(new Error(text))
  const run = await runInto(sinkWith({ restore: fail('no'), close: fail('neither') }).sink)
  expect(await run.ended).toMatchObject({ error: { message: 'out: no' } })
})

it('restore is called again after a fault that may pass, in one clear state', async () => {
  const clock = manualClock()
  let calls = 0
  const { sink, seen } = sinkWith({
    async restore() {
      calls += 1
      if (calls < 3) throw retryable('broker away')
    },
  })
  const run = await runInto(sink, { clock })
  const ended = run.ended
  while (calls < 3) {
    await new Promise(setImmediate)
    clock.advance(1000)
  }
  expect(await ended).toMatchObject({ exitCode: 0 })
  expect(seen).toEqual(['write', 'close'])
  expect(run.log.filter(({ message }) => message === 'waiting: broker away')).toHaveLength(1)
})

it('a stop ends the wait of restore with exit code 0', async () => {
  const { sink, seen } = sinkWith({ restore: async () => Promise.reject(retryable('broker away')) })
  const run = await runInto(sink, { clock: manualClock() })
  while (!run.log.some(({ message }) => message.includes('broker away'))) await new Promise(setImmediate)
  run.stop()
  expect(await run.ended).toMatchObject({ exitCode: 0 })
  expect(seen).toEqual(['close'])
})

it('bytes that a sink has encoded stay as they are until a later call of write has resolved', async () => {
  const encoded: Uint8Array[] = []
  const clock = manualClock()
  const plugin = defineSink({
    type: 'odd',
    summary: 'Fails twice.',
    options: {},
    codec: true,
    delivery: 'at-least-once',
    open: (_, context) => ({
      async write(batch) {
        const added = withAdded(batch.records[0] as StreamRecord, { call: encoded.length })
        encoded.push(...context.encode(recordsBatch([added])))
        if (encoded.length < 3) throw retryable('broker away')
      },
    }),
  })
  const run = await runPipeline(
    { sources: { src: { plugin: listSource(lines('{}')).plugin } }, sinks: { out: { plugin } } },
    { storage: memoryStorage(), clock },
  )
  while (encoded.length < 3) {
    await new Promise(setImmediate)
    clock.advance(1000)
  }
  expect(await run.ended).toMatchObject({ exitCode: 0 })
  expect(encoded.map((bytes) => JSON.parse(Buffer.from(bytes).toString()).call)).toEqual([0, 1, 2])
})

it.each(['flush', 'commit'] as const)(
  'a fault of %s that may pass stops with 74: it cannot be called again',
  async (call) => {
    const run = await runInto(sinkWith({ [call]: async () => Promise.reject(retryable('disk full')) }).sink)
    expect(await run.ended).toMatchObject({ exitCode: 74, error: { code: 'SR_IO', message: 'out: disk full' } })
  },
)
