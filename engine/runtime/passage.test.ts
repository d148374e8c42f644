import { describe, expect, it } from 'vitest'
import { type Batch, framesBatch } from '../batch.ts'
import { framesOf } from '../codec/frames.fixture.ts'
import { createCodec } from '../codec/index.ts'
import { RecordError } from '../errors.ts'
import { Notifier } from '../notifier.ts'
import { ComponentMetrics } from '../observe/metrics.ts'
import type { Processor, Sink } from '../plugin.ts'
import { seededRandom } from '../random.ts'
import { partOf, type StreamRecord } from '../record.ts'
import type { Target } from '../topology/graph.ts'
import { manualClock } from '../trial/manual-clock.ts'
import { Breaker } from './breaker.ts'
import { Delivery } from './delivery.ts'
import { Pump, type PumpInput, type PumpParts } from './pump.ts'
import { BatchQueue } from './queue.ts'
import { itemOf } from './records.fixture.ts'

const LIMITS = { maxBytes: 1e9, maxRecords: 1e9, whenFull: 'block' } as const
const FROM = { component: 's', partition: 'p', timestamp: 0 }
const MILLION = 1_000_000
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Makes `count` records of each, and says how many there are. */
function multiplier(count: number) {
  let rest: Iterator<StreamRecord> | undefined
  const made = { records: 0 }
  const processor: Processor = {
    process(batch, out) {
      rest ??= copies(batch, count)
      while (!out.full) {
        const { done, value } = rest.next()
        if (done) {
          rest = undefined
          return undefined
        }
        made.records += 1
        out.emit(value)
      }
      return 'more'
    },
  }
  return { processor, made }
}

function* copies({ records }: Batch, count: number): Generator<StreamRecord> {
  for (const record of records) for (let n = 0; n < count; n++) yield partOf(record, n)
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

/** A pump that sends what comes through the processors, one after the other, to `last`. */
function pumpThrough(processors: readonly Processor[], last: Target, parts: Partial<PumpParts> = {}) {
  const wake = new Notifier()
  const queue = new BatchQueue(LIMITS, { reader: () => wake.notify(), writer: () => {} })
  const targetOf = (index: number): Target =>
    index < processors.length ? { kind: 'processor', name: `p${index}` } : last
  const running = processors.map((processor, index) => {
    const outputs = new Map([[undefined, [targetOf(index + 1)]]])
    return [`p${index}`, { processor, outputs, metrics: new ComponentMetrics('processor', `p${index}`) }] as const
  })
  const inputs: PumpInput[] = [{ kind: 'entry', queue, targets: [targetOf(0)] }]
  const pump = new Pump({
    id: 'pump',
    inputs,
    processors: new Map(running),
    sinks: new Map(),
    queues: new Map(),
    rejections: { add: () => {}, settle: async () => {}, flush: async () => undefined, close: async () => {} },
    rejectionsName: 'dead-letters pump',
    breaker: new Breaker({ share: 1, records: 1e9, window: 1 }, manualClock()),
    dropped: () => {},
    wake,
    stopping: new AbortController().signal,
    ...parts,
  })
  return { pump, queue, wake }
}

describe('a record that becomes many', () => {
  it('is written part by part: no more than a batch of a million is in memory ahead of the sink (I-6)', async () => {
    const { processor, made } = multiplier(MILLION)
    let written = 0
    let ahead = 0
    const sink: Sink = {
      async write(batch) {
        ahead = Math.max(ahead, made.records - written)
        written += batch.size
      },
    }
    const sinks = new Map([['out', deliveryOf(sink)]])
    const { pump, queue } = pumpThrough([processor], { kind: 'sink', name: 'out' }, { sinks })
    queue.put(itemOf('x'))
    queue.end()
    await pump.run(() => {})
    expect({ written, ahead }).toEqual({ written: MILLION, ahead: 1024 })
  })

  it('is so behind other processors, and when its parts become many in their turn', async () => {
    const [outer, inner] = [multiplier(300), multiplier(1000)]
    let written = 0
    let ahead = 0
    const sink: Sink = {
      async write(batch) {
        ahead = Math.max(ahead, inner.made.records - written)
        written += batch.size
      },
    }
    const sinks = new Map([['out', deliveryOf(sink)]])
    const processors = [outer.processor, inner.processor]
    const { pump, queue } = pumpThrough(processors, { kind: 'sink', name: 'out' }, { sinks })
    queue.put(itemOf('x', 'y'))
    queue.end()
    await pump.run(() => {})
    expect({ written, ahead }).toEqual({ written: 600_000, ahead: 1024 })
  })

  it('waits in the middle while a queue behind is full, and goes on when there is room', async () => {
    const { processor, made } = multiplier(2000)
    const wake = new Notifier()
    const limits = { ...LIMITS, maxRecords: 500 }
    const behind = new BatchQueue(limits, { reader: () => {}, writer: () => wake.notify() })
    const queues = new Map([['m', behind]])
    const { pump, queue } = pumpThrough([processor], { kind: 'queue', name: 'm' }, { queues, wake })
    queue.put(itemOf('x'))
    queue.end()
    const running = pump.run(() => {})
    wake.notify()
    for (let read = 0; read < 2000; ) {
      await turn()
      expect(made.records - read).toBeLessThanOrEqual(500 + 1024)
      while (behind.head === 'item') read += behind.take().batch.size
    }
    await running
    expect(behind.head).toBe('ended')
  })

  it('is not cut in two: its position and all of its parts belong to one epoch (I-1)', async () => {
    const { processor } = multiplier(1000)
    const states: number[] = []
    let written = 0
    let cutting: ReturnType<Pump['cut']> | undefined
    const sink: Sink = {
      async write(batch) {
        if (written === 0) cutting = pump.cut()
        written += batch.size
        await turn()
      },
      async flush() {
        states.push(written)
        return written
      },
    }
    const sinks = new Map([['out', deliveryOf(sink)]])
    const { pump, queue } = pumpThrough([processor], { kind: 'sink', name: 'out' }, { sinks })
    queue.put(itemOf('x'))
    queue.end()
    await pump.run(() => {})
    expect(states).toEqual([1000])
    expect((await cutting)?.positions.get('s')?.get('p')).toBe('x')
  })

  it('is given up in the middle when the pipeline has failed, and its position is not counted', async () => {
    const { processor, made } = multiplier(MILLION)
    const behind = new BatchQueue({ ...LIMITS, maxRecords: 500 }, { reader: () => {}, writer: () => {} })
    const queues = new Map([['m', behind]])
    const { pump, queue } = pumpThrough([processor], { kind: 'queue', name: 'm' }, { queues })
    queue.put(itemOf('x'))
    const running = pump.run(() => {})
    await turn()
    pump.halt()
    await running
    expect(made.records).toBeLessThanOrEqual(1024)
    expect(await pump.cut()).toMatchObject({ empty: true })
  })

  it('counts each of its parts for the breaker, so that some bad ones among many good ones stop nothing', async () => {
    const { processor } = multiplier(10)
    const choosy: Processor = {
      process(batch, out) {
        for (const record of batch.records) {
          if (record.value === 0) out.fail(record, new RecordError('SR_REJECTED', 'no'))
          else out.emit(record)
        }
      },
    }
    const clock = manualClock()
    const sinks = new Map([['out', deliveryOf({ write: async () => {} })]])
    const breaker = new Breaker({ share: 0.5, records: 20, window: 60_000 }, clock)
    const target = { kind: 'sink', name: 'out' } as const
    const { pump, queue } = pumpThrough([processor, choosy], target, { sinks, breaker })
    for (let n = 0; n < 100; n++) queue.put(itemOf(n))
    queue.end()
    await expect(pump.run(() => {})).resolves.toBeUndefined()
  })

  it('stops the pipeline when its processor asks to be called again for nothing', async () => {
    const idle: Processor = { process: () => 'more' }
    const { pump, queue } = pumpThrough([idle], { kind: 'sink', name: 'out' })
    queue.put(itemOf('x'))
    await expect(pump.run(() => {})).rejects.toMatchObject({ code: 'SR_PLUGIN_DEFECT', component: 'p0' })
  })
})

describe('a batch of many records', () => {
  it('goes through processors in pieces, and to a sink in few large ones', async () => {
    const seen: number[] = []
    const pass: Processor = {
      process(batch, out) {
        seen.push(batch.size)
        for (const record of batch.records) out.emit(record)
      },
    }
    const written: Batch[] = []
    const sink: Sink = {
      async write(batch) {
        written.push(batch)
      },
    }
    const sinks = new Map([['out', deliveryOf(sink)]])
    const { codec } = createCodec('json').check(framesOf(''), FROM).good
    const lines = Array.from({ length: 5000 }, (_, n) => `${n}\n`).join('')
    const batch = framesBatch({ ...framesOf(lines), ...FROM, codec })
    const { pump, queue } = pumpThrough([pass], { kind: 'sink', name: 'out' }, { sinks })
    queue.put({ ...itemOf('x'), batch })
    queue.end()
    await pump.run(() => {})
    expect(Math.max(...seen)).toBe(512)
    expect(written.map(({ size }) => size)).toEqual([4096, 904])
    expect(written.flatMap(({ records }) => records.map(({ value }) => value))).toEqual(
      batch.records.map((r) => r.value),
    )
  })
})
