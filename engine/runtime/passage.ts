import { type Batch, joinedBatches, markedBatch, mergedBatch } from '../batch.ts'
import { RecordError } from '../errors.ts'
import type { Notifier } from '../notifier.ts'
import type { ComponentMetrics } from '../observe/metrics.ts'
import type { Processed, Processor, Wake } from '../plugin.ts'
import type { StageTime } from '../time/stage-time.ts'
import type { Target } from '../topology/graph.ts'
import { Collector } from './collector.ts'
import type { Delivery } from './delivery.ts'
import { faultOf } from './fault.ts'
import { Lease } from './lease.ts'
import { type BatchQueue, NO_RECORDS } from './queue.ts'
import { type Rejections, refusedBy } from './rejections.ts'
import { settleAll } from './settle.ts'

export interface PassageParts {
  /** Each behind all that it reads. */
  readonly processors: ReadonlyMap<string, RunningProcessor>
  readonly sinks: ReadonlyMap<string, Delivery>
  /** The queues of the memory channels behind. */
  readonly queues: ReadonlyMap<string, BatchQueue>
  readonly rejections: Rejections
  /** Told when a memory channel behind let records go (`when_full: drop-newest`). */
  readonly dropped: (channel: string, records: number) => void
  /** Notified by the queues behind when there is room again. */
  readonly wake: Notifier
  /** Of queues and durable channels behind: milliseconds by which what reaches them may be held back. */
  readonly lags?: ReadonlyMap<string, number> | undefined
}

export interface RunningProcessor {
  readonly processor: Processor
  readonly outputs: ReadonlyMap<string | undefined, readonly Target[]>
  readonly metrics: ComponentMetrics
  /** Undefined where time does not matter. */
  readonly time?: StageTime | undefined
  /** Records of one batch come to it by several ways, and must be put in the order of their time again. */
  readonly gathers?: boolean
}

/** What became of a batch, for the breaker. */
export interface Passed {
  /** Records that processors made beyond those that went in. */
  readonly made: number
  readonly failed: number
}

/** The way of a batch through the processors of one pump, into its sinks and into the queues behind it. */
export class Passage {
  readonly #parts: PassageParts
  #halted = false

  constructor(parts: PassageParts) {
    this.#parts = parts
  }

  /** For the pieces of one batch. `failed` is told of a failed sink at once, while the others still finish. */
  begin(lease: Lease, failed: (error: unknown) => void): Load {
    return new Load(lease, failed)
  }

  /**
   * A piece goes through the processors; what becomes of it waits in `load` for the next ones, so that a sink writes now
   * and then much and not always a little. In the middle it stops when it was halted.
   */
  async drive(batch: Batch, targets: readonly Target[], load: Load): Promise<void> {
    if (batch.size > 0) await this.#pass(batch, targets, load)
    if (load.gathered.size > 0) await this.#passGathered(load)
    load.pieceBytes += batch.frames === undefined ? batch.size * OBJECT_BYTES : batch.bytes
    load.pieceRecords += batch.size
    if (load.pieceBytes >= HAND_OVER_BYTES || load.pieceRecords >= HAND_OVER_RECORDS) await this.handOver(load)
  }

  /** Resolves when everything in `load` is handed over or rejected. */
  async handOver(load: Load): Promise<void> {
    await this.#write(load)
    await this.#parts.rejections.settle()
    for (const [queue, batch] of load.forQueues) this.#forward(queue, batch, load.lease)
    load.clear()
  }

  /** Wakes a processor once; resolves when what it emits is handed over. `more`: it is to be woken again. */
  async wake(name: string, time: Wake, failed: (error: unknown) => void): Promise<Passed & { answer: Processed }> {
    const load = new Load(new Lease(undefined), failed)
    const running = this.#parts.processors.get(name) as RunningProcessor
    const collector = new Collector(NO_RECORDS, running.time)
    let answer: Processed
    try {
      answer = await running.processor.wake?.(time, collector)
    } catch (error) {
      throw faultOf(name, error)
    }
    load.made += await this.#passOn(name, collector, load)
    if (answer === 'more' && load.made === 0) throw faultOf(name, new Error(ASKS_FOR_NOTHING))
    if (load.gathered.size > 0) await this.#passGathered(load)
    await this.#makeRoom(load)
    return { made: load.made, failed: load.failed, answer }
  }

  /** No epoch will be committed any more: what is left of a batch that is handed over in parts is given up. */
  halt(): void {
    this.#halted = true
  }

  async #pass(batch: Batch, targets: readonly Target[], load: Load): Promise<void> {
    for (const { kind, name } of targets) {
      if (kind === 'sink') load.addForSink(name, this.#leaving(name, batch))
      else if (kind === 'queue') load.forQueues.push([name, this.#leaving(name, batch)])
      else if (this.#parts.processors.get(name)?.gathers) load.gather(name, batch)
      else await this.#process(name, batch, load)
    }
  }

  /** Marks count for the whole pump; further on they are lower by what may be held back here. */
  #leaving(name: string, batch: Batch): Batch {
    const lag = this.#parts.lags?.get(name) ?? 0
    return lag === 0
      ? batch
      : markedBatch(
          batch,
          batch.marks?.map((mark) => mark - lag),
        )
  }

  /** In the order of the graph: what one of them emits may be gathered by those behind it. */
  async #passGathered(load: Load): Promise<void> {
    for (const name of this.#parts.processors.keys()) {
      const batches = load.gathered.get(name)
      if (batches === undefined) continue
      load.gathered.delete(name)
      await this.#process(name, mergedBatch(batches), load)
    }
  }

  async #process(name: string, batch: Batch, load: Load): Promise<void> {
    const running = this.#parts.processors.get(name) as RunningProcessor
    running.metrics.add('in', batch.size)
    let handled = 0
    for (let answer: Processed = 'more'; answer === 'more' && !this.#halted; ) {
      const collector = new Collector(batch, running.time)
      try {
        const pending = running.processor.process(batch, collector)
        answer = typeof pending === 'object' ? await pending : pending
      } catch (error) {
        throw faultOf(name, error)
      }
      const progress = await this.#passOn(name, collector, load)
      if (answer === 'more' && progress === 0) throw faultOf(name, new Error(ASKS_FOR_NOTHING))
      if (answer === 'more' && load.gathered.size > 0) await this.#passGathered(load)
      if (answer === 'more') await this.#makeRoom(load)
      handled += progress
    }
    load.made += Math.max(0, handled - batch.size)
  }

  /** Says how many records were emitted or failed. */
  async #passOn(name: string, collector: Collector, load: Load): Promise<number> {
    const { metrics, outputs } = this.#parts.processors.get(name) as RunningProcessor
    let handled = collector.failed.length
    metrics.add('failed', handled)
    load.failed += handled
    this.#parts.rejections.add(collector.failed.map((refused) => refusedBy(name, refused)))
    for (const { port, batch } of collector.outputs()) {
      handled += batch.size
      metrics.add(port ?? 'out', batch.size)
      const targets = outputs.get(port)
      if (targets === undefined) load.failed += this.#strand(name, port, batch, collector)
      else await this.#pass(batch, targets, load)
    }
    return handled
  }

  /** What leaves by a port that nobody reads is not lost without a word. */
  #strand(name: string, port: string | undefined, { records }: Batch, collector: Collector): number {
    const unread = new RecordError('SR_REJECTED', `left by the port ${port ?? 'out'}, which nobody reads`)
    const refused = records.map((record) => ({ record, error: collector.reasonOf(record) ?? unread }))
    this.#parts.rejections.add(refused.map((one) => refusedBy(name, one)))
    return refused.filter(({ error }) => !LATE.includes(error.code)).length
  }

  /**
   * Before a processor goes on with its batch, what it has emitted leaves: into the sinks, which take their time to
   * write, and into the queues behind, which drain without a cut. A sink that is full is not waited for: its room may
   * need a cut, and a cut waits for the whole batch (I-1). The overshoot is one batch, as ever.
   */
  async #makeRoom(load: Load): Promise<void> {
    await this.handOver(load)
    while (!this.#halted) {
      const woken = this.#parts.wake.wait()
      if (![...this.#parts.queues.values()].some(({ blocked }) => blocked)) return
      await woken
    }
  }

  /** Sinks write at the same time; one sink gets its batches one after the other. */
  async #write(load: Load): Promise<void> {
    const writes = [...load.forSinks].map(([name, batches]) => this.#writeTo(name, batches, load))
    for (const write of writes) write.catch(load.broke)
    await settleAll(writes)
  }

  async #writeTo(name: string, batches: readonly Batch[], load: Load): Promise<void> {
    const delivery = this.#parts.sinks.get(name) as Delivery
    for (const batch of joinedBatches(batches)) {
      const refused = await delivery.write(batch)
      load.failed += refused.length
      this.#parts.rejections.add(refused.map((one) => refusedBy(name, one)))
    }
  }

  #forward(name: string, batch: Batch, lease: Lease): void {
    lease.retain()
    const dropped = this.#parts.queues.get(name)?.put({ batch, failed: [], lease, position: undefined }) ?? 0
    this.#parts.dropped(name, dropped)
  }
}

/** What a batch has become on its way and has not left yet: the batches for each sink, and for each queue behind. */
export class Load implements Passed {
  readonly lease: Lease
  /** Told of a failed sink. */
  readonly broke: (error: unknown) => void
  readonly forSinks = new Map<string, Batch[]>()
  readonly forQueues: [queue: string, batch: Batch][] = []
  readonly gathered = new Map<string, Batch[]>()
  made = 0
  failed = 0
  /** Of the pieces that are in it: their bytes, where they came as bytes, else what they count for, and their records. */
  pieceBytes = 0
  pieceRecords = 0

  constructor(lease: Lease, broke: (error: unknown) => void) {
    this.lease = lease
    this.broke = broke
  }

  addForSink(name: string, batch: Batch): void {
    const batches = this.forSinks.get(name)
    if (batches === undefined) this.forSinks.set(name, [batch])
    else batches.push(batch)
  }

  gather(name: string, batch: Batch): void {
    const batches = this.gathered.get(name)
    if (batches === undefined) this.gathered.set(name, [batch])
    else batches.push(batch)
  }

  clear(): void {
    this.forSinks.clear()
    this.forQueues.length = 0
    this.pieceBytes = 0
    this.pieceRecords = 0
  }
}

/** Parsed records take some ten times the room of their bytes: no more than this waits for a hand-over. */
const HAND_OVER_BYTES = 512 * 1024
const HAND_OVER_RECORDS = 4096
/** What an object counts for: to weigh each would take longer than it is worth. */
const OBJECT_BYTES = 256

/** Late records say nothing of the definition: they do not count as failures for the breaker. */
const LATE: readonly string[] = ['SR_LATE']
const ASKS_FOR_NOTHING = 'it asks to be called again for nothing'
