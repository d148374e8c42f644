import { type Batch, framesBatch } from '../batch.ts'
import type { Clock } from '../clock.ts'
import type { Codec } from '../codec/index.ts'
import { Notifier } from '../notifier.ts'
import type { ComponentMetrics } from '../observe/metrics.ts'
import type { Failure, Source, SourceBatch } from '../plugin.ts'
import type { Json } from '../record.ts'
import { faultOf } from './fault.ts'
import { Lease } from './lease.ts'
import { BatchQueue, NO_RECORDS, type QueueLimits } from './queue.ts'

/** What an intake is made of. */
export interface IntakeParts {
  readonly component: string
  readonly source: Source
  /** Undefined for a source that hands over records. */
  readonly codec: Codec | undefined
  readonly limits: QueueLimits
  readonly clock: Clock
  /** Aborted when the source is to end: it is then not kept waiting for room. */
  readonly stopping: AbortSignal
  readonly metrics: ComponentMetrics
  /** Called when something came into the queue, or its end. */
  readonly arrived: () => void
}

/** A source at work: asks it for batches while there is room, decodes them, and queues them for its pump. */
export class Intake {
  readonly component: string
  readonly source: Source
  readonly queue: BatchQueue
  readonly #parts: IntakeParts
  readonly #room = new Notifier()
  #halted = false

  constructor(parts: IntakeParts) {
    this.component = parts.component
    this.source = parts.source
    this.#parts = parts
    this.queue = new BatchQueue(parts.limits, { reader: parts.arrived, writer: () => this.#room.notify() })
  }

  /** Resolves when the source has ended its iteration: at the end of its input, or because it was told to stop. */
  async run(): Promise<void> {
    const { stopping } = this.#parts
    stopping.addEventListener('abort', () => this.#room.notify(), { once: true })
    try {
      for await (const batch of this.source.batches()) {
        this.#enqueue(batch)
        while (this.queue.blocked && !this.#halted && !stopping.aborted) await this.#room.wait()
        if (this.#halted) break
      }
    } catch (error) {
      throw faultOf(this.component, error)
    }
    this.queue.end()
  }

  /** The pipeline has failed: `run` resolves after the batch under way, whether there is room or not. */
  halt(): void {
    this.#halted = true
    this.#room.notify()
  }

  /** The partition will never be read again: said in the queue, behind what was read of it. */
  release(partition: string): void {
    const position = { source: this.component, partition, value: undefined }
    this.queue.put({ batch: NO_RECORDS, failed: [], lease: new Lease(undefined), position })
  }

  #enqueue(read: SourceBatch): void {
    const { batch, failed } = this.#decode(read)
    const { metrics } = this.#parts
    metrics.add(metrics.kind === 'channel' ? 'out' : 'in', batch.size + failed.length)
    metrics.add('bytes', batch.bytes)
    const position = { source: this.component, partition: read.partition, value: read.position as Json }
    const lease = new Lease(read.release, bytesBehind(read))
    const said = { caughtUp: read.caughtUp, ended: read.ended === true }
    const dropped = this.queue.put({ batch, failed, lease, position, said })
    metrics.add('dropped', dropped)
  }

  #decode(read: SourceBatch): { batch: Batch; failed: readonly Failure[] } {
    const failed = read.failed ?? []
    if (read.frames === undefined) return { batch: read.records ?? NO_RECORDS, failed }
    const { codec, component, clock } = this.#parts
    if (codec === undefined) throw new Error(`source ${component} hands over frames, but its plugin declares no codec`)
    const from = { component, partition: read.partition, timestamp: clock.now() }
    const checked = codec.check(read.frames, from)
    const broken = failed.length === 0 ? checked.failed : [...failed, ...checked.failed]
    return { batch: framesBatch(checked.good), failed: broken }
  }
}

/** The memory that the records of a batch are views of. Small pieces that Node cuts from one slab hold next to nothing. */
function bytesBehind({ frames, records }: SourceBatch): ArrayBufferLike | undefined {
  const data = (frames ?? records?.frames)?.data ?? records?.records[0]?.raw
  return data && data.buffer.byteLength > Buffer.poolSize ? data.buffer : undefined
}
