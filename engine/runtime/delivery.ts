import type { Batch } from '../batch.ts'
import type { Scratch } from '../codec/scratch.ts'
import { GaveUpError, type RecordError } from '../errors.ts'
import { PartialWriteError, type Sink } from '../plugin.ts'
import type { Json, StreamRecord } from '../record.ts'
import { faultOf } from './fault.ts'
import { type RetryParts, withRetries } from './retry.ts'

/** A record that a processor or a sink refused. */
export interface Refused {
  readonly record: StreamRecord
  readonly error: RecordError
}

export interface DeliveryParts extends RetryParts {
  readonly sink: Sink
  /** Records that `context.encode` could not encode in the call of `write` that is under way. */
  readonly unencodable: Refused[]
  /** Where `context.encode` puts its bytes in that call; undefined for a sink that does not encode. */
  readonly scratch?: Scratch
}

/** A sink at work: writes batch after batch, and calls again after faults that may pass (I-4). */
export class Delivery {
  readonly component: string
  readonly sink: Sink
  readonly #parts: DeliveryParts

  constructor(parts: DeliveryParts) {
    this.component = parts.component
    this.sink = parts.sink
    this.#parts = parts
  }

  /** Back to the last checkpoint (I-3), whose publication may have been cut short: before the first write. */
  async restore(state: Json | undefined): Promise<void> {
    try {
      await withRetries(this.#parts, async () => this.sink.restore?.(state))
    } catch (error) {
      throw this.#named(error)
    }
    if (state !== undefined) await this.commit(state)
  }

  /** Resolves when the sink has taken every record but the refused ones, however long that takes. */
  async write(batch: Batch): Promise<readonly Refused[]> {
    try {
      const refused = await withRetries(this.#parts, () => this.#writeOnce(batch))
      const { metrics, scratch } = this.#parts
      // Not after a call that failed: some of what it began may still be under way.
      scratch?.giveBack()
      // What is written to a channel has come into it: it is the channel's reader that lets it out.
      metrics.add(metrics.kind === 'channel' ? 'in' : 'out', batch.size - refused.length)
      metrics.add('failed', refused.length)
      return refused
    } catch (error) {
      throw this.#named(error)
    }
  }

  /** The state at a cut: everything written so far is durable when it resolves. */
  async flush(): Promise<Json | undefined> {
    try {
      return await this.sink.flush?.()
    } catch (error) {
      throw this.#named(error)
    }
  }

  /** The epoch with this state is durable. */
  async commit(state: Json): Promise<void> {
    try {
      await this.sink.commit?.(state)
    } catch (error) {
      throw this.#named(error)
    }
  }

  async #writeOnce(batch: Batch): Promise<readonly Refused[]> {
    const { sink, unencodable } = this.#parts
    unencodable.length = 0
    try {
      await sink.write(batch)
      return unencodable.splice(0)
    } catch (error) {
      if (!(error instanceof PartialWriteError)) throw error
      const refused = [...error.failed].map(([record, reason]) => ({ record, error: reason }))
      return [...unencodable.splice(0), ...refused]
    }
  }

  #named(error: unknown): Error {
    return error instanceof GaveUpError ? error : faultOf(this.component, error)
  }
}
