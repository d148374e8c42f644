import { describe, expect, it } from 'vitest'
import type { Batch } from '../batch.ts'
import { RecordError } from '../errors.ts'
import { Notifier } from '../notifier.ts'
import { ComponentMetrics } from '../observe/metrics.ts'
import type { Processor, Sink } from '../plugin.ts'
import { seededRandom } from '../random.ts'
import { type Json, withValue } from '../record.ts'
import { manualClock } from '../trial/manual-clock.ts'
import { Breaker } from './breaker.ts'
import type { DeadLetter } from './dead-letters.ts'
import { Delivery } from './delivery.ts'
import { Pump, type PumpInput, type PumpParts } from './pump.ts'
import { BatchQueue } from './queue.ts'
import { itemOf, valuesOf } from './records.fixture.ts'

const LIMITS = { maxBytes: 1e6, maxRecords: 1e6, whenFull: 'block' } as const

/** A sink that keeps what it was given; its state is how much that was. */
function memorySink() {
  const values: Json[] = []
  const sink: Sink = {
    write: async (batch: Batch) => void values.push(...valuesOf(batch)),
    flush: async () => values.length,
  }
  return { values, sink }
}

function deliveryOf(sink: Sink): Delivery {
  return new Delivery({
    component: 'out',
    sink,
    retry: { attempts: undefined, delay: 1, maxDelay: 1 },
    clock: manualClock(),
    random: seededRandom(1),
    metrics: new ComponentMetrics('sink', 'out'),
    health: { degraded: () => {}, ok: () => {} },
    stopping: new AbortController().signal,
    unencodable: [],
  })
}

function pumpWith(parts: Partial<PumpParts>) {
  const rejected: DeadLetter[] = []
  const wake = new Notifier()
  const queueOf = () => new BatchQueue(LIMITS, { reader: () => wake.notify(), writer: () => {} })
  const entry: PumpInput = { kind: 'entry', queue: queueOf(), targets: [{ kind: 'sink', name: 'out' }] }
  const pump = new Pump({
    id: 'pump',
    inputs: [entry],
    processors: new Map(),
    sinks: new Map(),
    queues: new Map(),
    rejections: {
      add: (letters) => void rejected.push(...letters),
      settle: async () => {},
      flush: async () => undefined,
      close: async () => {},
    },
    rejectionsName: 'dead-letters pump',
    breaker: new Breaker({ share: 1, records: 1e9, window: 1 }, manualClock()),
    dropped: () => {},
    wake,
    stopping: new AbortController().signal,
    ...parts,
  })
  return { pump, entry: entry.queue, queueOf, rejected }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('Pump', () => {
  it('counts a position only after everything before it was handed over (I-1)', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const sink: Sink = { write: () => held, flush: async () => 'state' }
    const { pump, entry } = pumpWith({ sinks: new Map([['out', deliveryOf(sink)]]) })
    const running = pump.run(() => {})
    entry.put(itemOf('a'))
    await turn()
    const cutting = pump.cut()
    entry.end()
    release()
    const cut = await cutting
    expect(cut.positions.get('s')?.get('p')).toBe('a')
    expect([...(await cut.flushed)]).toEqual([['out', 'state']])
    await running
  })

  it('cuts between two batches, so that positions and sink states belong together (I-2)', async () => {
    const { values, sink } = memorySink()
    const { pump, entry } = pumpWith({ sinks: new Map([['out', deliveryOf(sink)]]) })
    const running = pump.run(() => {})
    for (let n = 1; n <= 50; n++) entry.put(itemOf(n))
    const cut = await pump.cut()
    const state = (await cut.flushed).get('out')
    entry.end()
    await running
    expect(cut.positions.get('s')?.get('p')).toBe(state)
    expect(values).toEqual(Array.from({ length: 50 }, (_, n) => n + 1))
    const last = await pump.cut()
    expect(last.positions.get('s')?.get('p')).toBe(50)
    expect((await pump.cut()).empty).toBe(true)
  })

  it('waits for the barrier of every inner input before it cuts, and reads none of them past it', async () => {
    const { values, sink } = memorySink()
    const wake = new Notifier()
    const queueOf = () => new BatchQueue(LIMITS, { reader: () => wake.notify(), writer: () => {} })
    const [left, right] = [queueOf(), queueOf()]
    const targets = [{ kind: 'sink', name: 'out' }] as const
    const inputs = [left, right].map((queue): PumpInput => ({ kind: 'inner', queue, targets }))
    const { pump } = pumpWith({ inputs, wake, sinks: new Map([['out', deliveryOf(sink)]]) })
    const running = pump.run(() => {})
    const cutting = pump.cut()
    left.put(itemOf('left 1'))
    left.putBarrier()
    left.put(itemOf('left 2'))
    await turn()
    expect(values).toEqual(['left 1'])
    right.put(itemOf('right 1'))
    right.putBarrier()
    expect((await (await cutting).flushed).get('out')).toBe(2)
    left.end()
    right.end()
    await running
    expect(values).toEqual(['left 1', 'right 1', 'left 2'])
  })

  it('passes barriers on to the queues behind it, behind what it has put there', async () => {
    const behind = new BatchQueue(LIMITS, { reader: () => {}, writer: () => {} })
    const wake = new Notifier()
    const queue = new BatchQueue(LIMITS, { reader: () => wake.notify(), writer: () => {} })
    const inputs: PumpInput[] = [{ kind: 'entry', queue, targets: [{ kind: 'queue', name: 'm' }] }]
    const { pump } = pumpWith({ inputs, wake, queues: new Map([['m', behind]]) })
    const running = pump.run(() => {})
    queue.put(itemOf('a'))
    await turn()
    await pump.cut()
    queue.put(itemOf('b'))
    queue.end()
    await running
    expect([behind.take().batch.size, behind.head]).toEqual([1, 'barrier'])
    behind.takeBarrier()
    expect([valuesOf(behind.take().batch), behind.head]).toEqual([['b'], 'ended'])
  })

  it('cuts while it waits for room in a full sink', async () => {
    const sink: Sink = { write: async () => {}, full: () => new Promise(() => {}), flush: async () => 'full' }
    const { pump, entry } = pumpWith({ sinks: new Map([['out', deliveryOf(sink)]]) })
    void pump.run(() => {})
    entry.put(itemOf('waits'))
    await turn()
    expect((await pump.cut()).empty).toBe(true)
  })

  it('overdraws a full sink once, however many cuts come before it has room again', async () => {
    const { values, sink } = memorySink()
    let makeRoom = () => {}
    let room: Promise<void> | undefined = new Promise((resolve) => {
      makeRoom = resolve
    })
    const full = { ...sink, full: () => room }
    const [wakeFirst, wakeSecond] = [new Notifier(), new Notifier()]
    const between = new BatchQueue(
      { ...LIMITS, maxRecords: 3 },
      { reader: () => wakeSecond.notify(), writer: () => wakeFirst.notify() },
    )
    const entry = new BatchQueue(LIMITS, { reader: () => wakeFirst.notify(), writer: () => {} })
    const first = pumpWith({
      inputs: [{ kind: 'entry', queue: entry, targets: [{ kind: 'queue', name: 'between' }] }],
      queues: new Map([['between', between]]),
      wake: wakeFirst,
    })
    const second = pumpWith({
      inputs: [{ kind: 'inner', queue: between, targets: [{ kind: 'sink', name: 'out' }] }],
      sinks: new Map([['out', deliveryOf(full)]]),
      wake: wakeSecond,
    })
    const running = [first, second].map(({ pump }) => pump.run(() => {}))
    for (let n = 1; n <= 100; n++) entry.put(itemOf(n))
    entry.end()
    for (let cuts = 0; cuts < 10; cuts++) {
      await turn()
      await Promise.all([first.pump.cut(), second.pump.cut()])
    }
    expect(values.length).toBeLessThan(10)
    room = undefined
    makeRoom()
    await Promise.all(running)
    expect(values).toEqual(Array.from({ length: 100 }, (_, n) => n + 1))
  })

  it('sends what a processor fails to the rejected, with the name of the processor, and the rest on', async () => {
    const { values, sink } = memorySink()
    const processor: Processor = {
      process(batch, out) {
        for (const record of batch.records) {
          out.emit(withValue(record, `${record.value}!`))
          if (record.value === 'bad') out.fail(record, new RecordError('SR_RECORD_SHAPE', 'bad'))
        }
      },
    }
    const running = { processor, outputs: new Map([[undefined, [{ kind: 'sink', name: 'out' }] as const]]) }
    const metrics = new ComponentMetrics('processor', 'p')
    const wake = new Notifier()
    const queue = new BatchQueue(LIMITS, { reader: () => wake.notify(), writer: () => {} })
    const inputs: PumpInput[] = [{ kind: 'entry', queue, targets: [{ kind: 'processor', name: 'p' }] }]
    const processors = new Map([['p', { ...running, metrics }]])
    const { pump, rejected } = pumpWith({ inputs, wake, processors, sinks: new Map([['out', deliveryOf(sink)]]) })
    queue.put(itemOf('good', 'bad'))
    queue.end()
    await pump.run(() => {})
    expect(values).toEqual(['good!'])
    expect(rejected.map(({ component, error, value }) => [component, error.code, value])).toEqual([
      ['p', 'SR_RECORD_SHAPE', 'bad'],
    ])
  })

  it('stops the pipeline when a processor throws, naming it', async () => {
    const processor: Processor = {
      process() {
        throw new Error('oops')
      },
    }
    const metrics = new ComponentMetrics('processor', 'p')
    const wake = new Notifier()
    const queue = new BatchQueue(LIMITS, { reader: () => wake.notify(), writer: () => {} })
    const inputs: PumpInput[] = [{ kind: 'entry', queue, targets: [{ kind: 'processor', name: 'p' }] }]
    const { pump } = pumpWith({
      inputs,
      wake,
      processors: new Map([['p', { processor, outputs: new Map(), metrics }]]),
    })
    queue.put(itemOf('x'))
    await expect(pump.run(() => {})).rejects.toMatchObject({ code: 'SR_PLUGIN_DEFECT', component: 'p' })
  })
})
