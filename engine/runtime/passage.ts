import type { Batch } from '../batch.ts'
import { RecordError } from '../errors.ts'
import type { ComponentMetrics } from '../observe/metrics.ts'
import type { Processor } from '../plugin.ts'
import type { Target } from '../topology/graph.ts'
import { Collector } from './collector.ts'
import type { Delivery } from './delivery.ts'
import { faultOf } from './fault.ts'
import type { Lease } from './lease.ts'
import type { BatchQueue } from './queue.ts'
import { type Rejections, refusedBy } from './rejections.ts'
import { settleAll } from './settle.ts'

export interface PassageParts {
  readonly processors: ReadonlyMap<string, RunningProcessor>
  readonly sinks: ReadonlyMap<string, Delivery>
  /** The queues of the memory channels behind. */
  readonly queues: ReadonlyMap<string, BatchQueue>
  readonly rejections: Rejections
  /** Told when a memory channel behind let records go (`when_full: drop-newest`). */
  readonly dropped: (channel: string, records: number) => void
}

export interface RunningProcessor {
  readonly processor: Processor
  readonly outputs: ReadonlyMap<string | undefined, readonly Target[]>
  readonly metrics: ComponentMetrics
}

/** The way of a batch through the processors of one pump, into its sinks and into the queues behind it. */
export class Passage {
  readonly #parts: PassageParts

  constructor(parts: PassageParts) {
    this.#parts = parts
  }

  /**
   * Resolves when everything is handed over or rejected, with the number of records that failed. `failed` is told of a
   * failed sink at once, while the others still finish what they are writing.
   */
  async drive(
    batch: Batch,
    targets: readonly Target[],
    lease: Lease,
    failed: (error: unknown) => void,
  ): Promise<number> {
    const load = new Load()
    if (batch.size > 0) await this.#pass(batch, targets, load)
    await this.#write(load, failed)
    await this.#parts.rejections.settle()
    for (const [queue, forwarded] of load.forQueues) this.#forward(queue, forwarded, lease)
    return load.failed
  }

  async #pass(batch: Batch, targets: readonly Target[], load: Load): Promise<void> {
    for (const { kind, name } of targets) {
      if (kind === 'sink') load.addForSink(name, batch)
      else if (kind === 'queue') load.forQueues.push([name, batch])
      else await this.#process(name, batch, load)
    }
  }

  async #process(name: string, batch: Batch, load: Load): Promise<void> {
    const running = this.#parts.processors.get(name) as RunningProcessor
    const collector = new Collector(batch)
    try {
      const pending = running.processor.process(batch, collector)
      if (pending !== undefined) await pending
    } catch (error) {
      throw faultOf(name, error)
    }
    running.metrics.add('in', batch.size)
    running.metrics.add('failed', collector.failed.length)
    load.failed += collector.failed.length
    this.#parts.rejections.add(collector.failed.map((refused) => refusedBy(name, refused)))
    for (const { port, batch: emitted } of collector.outputs()) {
      running.metrics.add(port ?? 'out', emitted.size)
      const targets = running.outputs.get(port)
      if (targets === undefined) this.#strand(name, port, emitted, load)
      else await this.#pass(emitted, targets, load)
    }
  }

  /** What leaves by a port that nobody reads is not lost without a word. */
  #strand(name: string, port: string | undefined, batch: Batch, load: Load): void {
    const error = new RecordError('SR_REJECTED', `left by the port ${port ?? 'out'}, which nobody reads`)
    load.failed += batch.size
    this.#parts.rejections.add(batch.records.map((record) => refusedBy(name, { record, error })))
  }

  /** Sinks write at the same time; one sink gets its batches one after the other. */
  async #write(load: Load, failed: (error: unknown) => void): Promise<void> {
    const writes = [...load.forSinks].map(([name, batches]) => this.#writeTo(name, batches, load))
    for (const write of writes) write.catch(failed)
    await settleAll(writes)
  }

  async #writeTo(name: string, batches: readonly Batch[], load: Load): Promise<void> {
    const delivery = this.#parts.sinks.get(name) as Delivery
    for (const batch of batches) {
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

/** What one batch has become on its way: the batches for each sink, and for each queue behind. */
class Load {
  readonly forSinks = new Map<string, Batch[]>()
  readonly forQueues: [queue: string, batch: Batch][] = []
  failed = 0

  addForSink(name: string, batch: Batch): void {
    const batches = this.forSinks.get(name)
    if (batches === undefined) this.forSinks.set(name, [batch])
    else batches.push(batch)
  }
}
