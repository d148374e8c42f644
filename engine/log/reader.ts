import { StreamrunError } from '../errors.ts'
import type { StoredFile } from '../storage.ts'
import { type Place, type Room, readBlock } from './block.ts'
import { FRAME_HEADER, type Frame } from './frame.ts'
import { corrupt, type Segment, startOf } from './segment.ts'
import type { LogState } from './state.ts'

/**
 * The reading half of a log. Reads take turns; where each ended is remembered, so that a reader that goes on from
 * there never searches. Any other number is looked for from the beginning of its segment.
 */
export class LogReader {
  readonly #log: LogState
  readonly #remembered = new Map<number, Remembered>()
  #open: { readonly segment: Segment; readonly file: StoredFile } | undefined
  #turn: Promise<unknown> = Promise.resolve()

  constructor(log: LogState) {
    this.#log = log
  }

  read(from: number, maxBytes: number, room?: Room): Promise<readonly Frame[]> {
    return this.#inTurn(() => this.#readNow(from, maxBytes, room))
  }

  /** Does `change` to the segments while nobody reads, and forgets what is gone. */
  paused(change: () => Promise<void>): Promise<void> {
    return this.#inTurn(() => change().finally(() => this.#forgetRemoved()))
  }

  close(): Promise<void> {
    return this.#inTurn(() => this.#closeFile())
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => undefined)
    return result
  }

  async #readNow(from: number, maxBytes: number, room?: Room): Promise<readonly Frame[]> {
    this.#log.refuseIfFailed()
    refuseOutside(this.#log, from)
    if (from === this.#log.end) return []
    const segment = segmentOf(this.#log, from)
    const file = await this.#fileOf(segment)
    const place = this.#recall(segment, from) ?? (await seek(file, segment, from))
    const block = await readBlock(file, place, segment.size, maxBytes, room)
    if (block.broken) throw corrupt(segment, block.next.offset, `frame ${block.next.seq} is damaged`)
    refuseWrongEnd(this.#log, segment, block.next, block.frames.length)
    this.#remember(from, { segment, place: block.next })
    return block.frames
  }

  /** The end of a segment is remembered as a place in it, but the frame of that number begins the next segment. */
  #recall(segment: Segment, seq: number): Place | undefined {
    const found = this.#remembered.get(seq)
    return found?.segment === segment ? found.place : undefined
  }

  #remember(from: number, found: Remembered): void {
    this.#remembered.delete(from)
    this.#remembered.set(found.place.seq, found)
    if (this.#remembered.size > PLACES) this.#remembered.delete(this.#remembered.keys().next().value as number)
  }

  async #forgetRemoved(): Promise<void> {
    const { end, segments } = this.#log
    for (const [seq, { segment }] of this.#remembered) {
      if (seq > end || !segments.includes(segment)) this.#remembered.delete(seq)
    }
    // An open file keeps its room on the disk.
    if (this.#open !== undefined && !segments.includes(this.#open.segment)) await this.#closeFile()
  }

  async #fileOf(segment: Segment): Promise<StoredFile> {
    if (this.#open?.segment === segment) return this.#open.file
    await this.#closeFile()
    this.#open = { segment, file: await this.#log.storage.open(segment.path, 'read') }
    return this.#open.file
  }

  async #closeFile(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    await open?.file.close()
  }
}

/** Where frame `seq` begins, by reading the segment from its beginning. */
export async function seek(file: StoredFile, segment: Segment, seq: number): Promise<Place> {
  let place = startOf(segment)
  while (place.seq < seq) {
    const block = await readBlock(file, place, segment.size, SEEK_BYTES)
    if (block.broken) throw corrupt(segment, block.next.offset, `frame ${block.next.seq} is damaged`)
    if (block.frames.length === 0) throw corrupt(segment, place.offset, `it ends before frame ${place.seq}`)
    place = block.next.seq <= seq ? block.next : placeWithin(place, block.frames, seq)
  }
  return place
}

interface Remembered {
  readonly segment: Segment
  readonly place: Place
}

/** How many places are remembered: readers of one log beyond that number still read right, but search. */
const PLACES = 64
const SEEK_BYTES = 1024 * 1024

function refuseOutside(log: LogState, from: number): void {
  if (from >= log.first && from <= log.end) return
  const held = `${log.folder} holds frames ${log.first} to ${log.end}`
  throw new StreamrunError('SR_DEFECT', `${held}, but frame ${from} was asked for`)
}

function segmentOf(log: LogState, seq: number): Segment {
  return log.segments.findLast((segment) => segment.base <= seq) as Segment
}

/** Frames end where the next segment begins: fewer were cut off, more cannot be. */
function refuseWrongEnd(log: LogState, segment: Segment, next: Place, frames: number): void {
  const limit = log.segments[log.segments.indexOf(segment) + 1]?.base ?? log.end
  if (frames === 0) throw corrupt(segment, next.offset, `it ends before frame ${next.seq}`)
  if (next.seq > limit) throw corrupt(segment, next.offset, `it goes on behind frame ${limit - 1}, its last`)
}

function placeWithin(start: Place, frames: readonly Frame[], seq: number): Place {
  const before = frames.slice(0, seq - start.seq)
  const offset = before.reduce((sum, frame) => sum + FRAME_HEADER + frame.payload.length, start.offset)
  return { seq, offset, ahead: 0 }
}
