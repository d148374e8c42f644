import type { Batch, ChannelContext, OptionValues } from '../../../engine/plugin.ts'
import type { Flow } from './flow.ts'
import type { options } from './options.ts'

/** How much the channel still takes: bounded by what its reader has not committed, and by the disk (D-5). */
export class Room {
  readonly #limits: OptionValues<typeof options>
  readonly #flow: Flow
  readonly #context: ChannelContext
  #diskIsLow = false
  #lookedAt = 0
  #bytesAtLook = 0
  #opening: Promise<void> | undefined

  constructor(limits: OptionValues<typeof options>, flow: Flow, context: ChannelContext) {
    this.#limits = limits
    this.#flow = flow
    this.#context = context
  }

  /** As `Sink.full`. */
  full(): Promise<void> | undefined {
    if (this.#limits.when_full === 'drop-newest' || !this.isFull) return undefined
    this.#opening ??= this.#opened().finally(() => {
      this.#opening = undefined
    })
    return this.#opening
  }

  /** Counts the batch as dropped when that is what is wanted now (I-4). */
  drops(batch: Batch): boolean {
    if (this.#limits.when_full === 'block' || !this.isFull) return false
    this.#context.metrics.count('dropped', batch.size)
    this.#context.requestCheckpoint()
    return true
  }

  get isFull(): boolean {
    const { written, committed } = this.#flow
    const { max_size, max_records = Number.POSITIVE_INFINITY } = this.#limits
    const bytes = written.bytes - committed.bytes
    return this.#diskIsLow || bytes >= max_size || written.records - committed.records >= max_records
  }

  /** Looks at the disk again when that is due: after a second, or a segment's worth of bytes. */
  async lookWhenDue(): Promise<void> {
    const { clock } = this.#context
    const due =
      clock.monotonic() - this.#lookedAt >= LOOK_EVERY ||
      this.#flow.written.bytes - this.#bytesAtLook >= this.#limits.segment_size
    if (due) await this.lookAtDisk()
  }

  async lookAtDisk(): Promise<void> {
    const { clock, health, stateFolder, storage } = this.#context
    this.#lookedAt = clock.monotonic()
    this.#bytesAtLook = this.#flow.written.bytes
    const low = (await storage.freeBytes(stateFolder)) < this.#limits.min_free
    if (low === this.#diskIsLow) return
    this.#diskIsLow = low
    if (low) health.degraded('fewer bytes than min_free are left on the disk')
    else health.ok()
    this.#flow.changed.notify()
  }

  /** A checkpoint is what makes room: one is asked for at once. */
  async #opened(): Promise<void> {
    this.#context.requestCheckpoint()
    while (this.isFull && !this.#context.signal.aborted) {
      if (this.#diskIsLow) await this.#nextLook()
      else await this.#flow.changed.wait()
    }
  }

  /** Nobody says when somebody else frees the disk. */
  async #nextLook(): Promise<void> {
    const { clock } = this.#context
    const cancel = clock.timer(LOOK_EVERY, () => this.#flow.changed.notify())
    await this.#flow.changed.wait()
    cancel()
    await this.lookWhenDue()
  }
}

/** Milliseconds between two looks at the disk. */
const LOOK_EVERY = 1000
