import { type Batch, recordsBatch } from '../batch.ts'
import type { Failure } from '../plugin.ts'
import type { Json } from '../record.ts'
import type { TimeRelay } from '../time/relay.ts'
import { Lease } from './lease.ts'

/** What travels in a queue: a batch, what its source could not read, and the position after both. */
export interface QueueItem {
  readonly batch: Batch
  readonly failed: readonly Failure[]
  /** The bytes of the batch are held until the last stage has released it. */
  readonly lease: Lease
  /** Where its source goes on after it; undefined between pumps, where the first pump has accounted for it. */
  readonly position: ItemPosition | undefined
  /** What its source said of the partition; undefined between pumps. */
  readonly said?: { readonly caughtUp: boolean; readonly ended: boolean } | undefined
  /** Between pumps, where time matters: the watermark behind it. */
  readonly watermark?: number | undefined
}

/** An undefined value: the partition will never be read again, and its position leaves the checkpoint. */
export interface ItemPosition {
  readonly source: string
  readonly partition: string
  readonly value: Json | undefined
}

/** Bounds of a queue: it is full when one of them is reached, so that the overshoot is one item. */
export interface QueueLimits {
  readonly maxBytes: number
  readonly maxRecords: number
  /** `block`: its writer waits for room. `drop-newest`: what finds no room is let go. */
  readonly whenFull: 'block' | 'drop-newest'
}

/** What stands at the head of a queue. */
export type QueueHead = 'item' | 'barrier' | 'nothing' | 'ended'

/**
 * A memory channel at work: items in order, and between them the barriers of cuts. It holds what its limits say and
 * makes its writer wait; nothing in it is committed at its source, so a crash reads it again.
 */
export class BatchQueue implements TimeRelay {
  readonly #limits: QueueLimits
  readonly #wakeReader: () => void
  readonly #wakeWriter: () => void
  #items: (Weighed | 'barrier' | undefined)[] = []
  #taken = 0
  #bytes = 0
  #records = 0
  #passed = 0
  #ended = false
  #isHeld = false
  /** The memory that the last item came in, and how much of its size no record has taken up yet. */
  #memory: ArrayBufferLike | undefined
  #memoryLeft = 0
  #watermark = Number.NEGATIVE_INFINITY
  #wanted = Number.POSITIVE_INFINITY
  #caughtUp = false

  constructor(limits: QueueLimits, wake: { reader: () => void; writer: () => void }) {
    this.#limits = limits
    this.#wakeReader = wake.reader
    this.#wakeWriter = wake.writer
  }

  /** True: its writer must wait before it puts the next item. */
  get blocked(): boolean {
    return this.#limits.whenFull === 'block' && this.#full
  }

  /** True: its writer must wait, for as long as its reader holds it. */
  get held(): boolean {
    return this.#limits.whenFull === 'block' && this.#isHeld
  }

  /** Its reader has no room behind it, and took what it held all the same: it takes nothing more until there is some. */
  hold(held: boolean): void {
    if (held === this.#isHeld) return
    this.#isHeld = held
    if (!held) this.#wakeWriter()
  }

  get #full(): boolean {
    return this.#bytes >= this.#limits.maxBytes || this.#records >= this.#limits.maxRecords
  }

  get head(): QueueHead {
    const first = this.#items[this.#taken]
    if (first === undefined) return this.#ended ? 'ended' : 'nothing'
    return first === 'barrier' ? 'barrier' : 'item'
  }

  /** The first item, which stays; undefined when there is none at the head. */
  get first(): QueueItem | undefined {
    const first = this.#items[this.#taken]
    return first === 'barrier' ? undefined : first?.item
  }

  /** Records that wait in it. */
  get records(): number {
    return this.#records
  }

  /** Records that were taken out of it so far. */
  get passed(): number {
    return this.#passed
  }

  /** Says how many records found no room under `drop-newest`; their position is kept, so they are not read again. */
  put(came: QueueItem): number {
    const hasRoom = !this.#full && !this.#isHeld
    const dropped = !hasRoom && this.#limits.whenFull === 'drop-newest' ? recordsIn(came) : 0
    const offered = dropped > 0 ? { ...came, batch: NO_RECORDS, failed: [] } : came
    const item = isEmpty(offered) ? this.#withoutBuffer(offered) : offered
    const bytes = this.#weigh(item)
    this.#items.push({ item, bytes })
    this.#bytes += bytes
    this.#records += recordsIn(item)
    this.#wakeReader()
    return dropped
  }

  /** What only moves a position holds no buffer, and does not pile up: the newest of a partition says it all. */
  #withoutBuffer(item: QueueItem): QueueItem {
    item.lease.release()
    const last = this.#items.at(-1)
    if (last !== undefined && last !== 'barrier' && isEmpty(last.item) && samePartition(last.item, item))
      this.#items.pop()
    return { ...item, lease: new Lease(undefined) }
  }

  /**
   * The few records that a filter has left hold all the bytes that they came in: those count once, and what the records
   * of the items that follow take up of them counts no more.
   */
  #weigh(item: QueueItem): number {
    const own = bytesOf(item)
    const { bytes } = item.lease
    if (bytes === undefined) return own
    const first = bytes !== this.#memory
    if (first) this.#memoryLeft = bytes.byteLength
    this.#memory = bytes
    const within = Math.min(own, this.#memoryLeft)
    this.#memoryLeft -= within
    return own - within + (first ? bytes.byteLength : 0)
  }

  /** The watermark that its reader will come to. */
  get watermark(): number {
    return this.#watermark
  }

  /** Time goes on behind everything that was put. */
  advance(watermark: number): void {
    if (watermark <= this.#watermark) return
    this.#watermark = watermark
    const last = this.#items.at(-1)
    if (last !== undefined && last !== 'barrier') last.item = { ...last.item, watermark }
    else this.put({ batch: NO_RECORDS, failed: [], lease: new Lease(undefined), position: undefined, watermark })
  }

  /** The next watermark that something waits for behind it. */
  get wanted(): number {
    return this.#wanted
  }

  want(watermark: number): void {
    if (watermark === this.#wanted) return
    this.#wanted = watermark
    this.#wakeWriter()
  }

  get caughtUp(): boolean {
    return this.#caughtUp
  }

  catchUp(): void {
    this.#caughtUp = true
    this.#wakeReader()
  }

  putBarrier(): void {
    this.#items.push('barrier')
    this.#wakeReader()
  }

  /** Nothing more comes. */
  end(): void {
    this.#ended = true
    this.#wakeReader()
  }

  /** The first item; only to be called when `head` says `item`. */
  take(): QueueItem {
    const first = this.#shift()
    if (first === undefined || first === 'barrier') throw new Error('no item at the head of the queue')
    const records = recordsIn(first.item)
    this.#bytes -= first.bytes
    this.#records -= records
    this.#passed += records
    this.#wakeWriter()
    return first.item
  }

  /** Only to be called when `head` says `barrier`. */
  takeBarrier(): void {
    this.#shift()
  }

  #shift(): Weighed | 'barrier' | undefined {
    const first = this.#items[this.#taken]
    // What is taken must not stay reachable from here: it may hold a batch of parsed records.
    this.#items[this.#taken] = undefined
    this.#taken += 1
    if (this.#taken === this.#items.length) this.#memory = undefined
    // The used part is cut off in large pieces: `shift` of a long array moves all of it.
    if (this.#taken === this.#items.length || this.#taken > 1024) {
      this.#items = this.#items.slice(this.#taken)
      this.#taken = 0
    }
    return first
  }
}

/** An item, and the bytes that it counts for. */
interface Weighed {
  item: QueueItem
  readonly bytes: number
}

function samePartition(a: QueueItem, b: QueueItem): boolean {
  return a.position?.source === b.position?.source && a.position?.partition === b.position?.partition
}

function isEmpty({ batch, failed }: QueueItem): boolean {
  return batch.size === 0 && failed.length === 0
}

/** What could not be read waits like any record, and weighs like one. */
function recordsIn({ batch, failed }: QueueItem): number {
  return batch.size + failed.length
}

function bytesOf({ batch, failed }: QueueItem): number {
  return failed.reduce((sum, { raw }) => sum + (raw?.length ?? 0) + FAILURE_BYTES, batch.bytes)
}

/** About what a failure takes beside its bytes. */
const FAILURE_BYTES = 500

/** What carries only a position or failures. */
export const NO_RECORDS: Batch = recordsBatch([])
