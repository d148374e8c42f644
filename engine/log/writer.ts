import type { Clock } from '../clock.ts'
import { messageOf, StreamrunError } from '../errors.ts'
import type { StoredFile } from '../storage.ts'
import { bytesOf, FRAME_HEADER, MAX_PAYLOAD, writeFrameHeader } from './frame.ts'
import { createSegment, orSyncFailure, SEGMENT_HEADER } from './segment.ts'
import type { LogState } from './state.ts'

export type SyncMode = 'always' | { readonly interval: number; readonly clock: Clock }

interface WriterOptions {
  readonly segmentSize: number
  readonly sync: SyncMode
}

export async function writerOf(log: LogState, options: WriterOptions): Promise<LogWriter> {
  return new LogWriter(log, options, await log.storage.open(log.last.path, 'edit'))
}

/**
 * The writing half of a log: one queue, one write at a time. A sync runs beside the writes that follow it, but never
 * beside another sync; callers that come while one runs share the next.
 */
class LogWriter {
  readonly #log: LogState
  readonly #options: WriterOptions
  #file: StoredFile
  #queue: Waiting[] = []
  #working = false
  #lastAppend: Promise<unknown> = Promise.resolve()
  /** A segment that could not be made is made before anything else is written: its file may be there already. */
  #rollDue = false
  /** The file was cut since the last sync: without another it may come back longer, with no frame missing. */
  #cutUnsynced = false
  #syncing: Promise<void> = Promise.resolve()
  #nextSync: Promise<void> | undefined
  #cancelTimer: (() => void) | undefined

  constructor(log: LogState, options: WriterOptions, file: StoredFile) {
    this.#log = log
    this.#options = options
    this.#file = file
  }

  append(payload: readonly Uint8Array[]): Promise<number> {
    const bytes = FRAME_HEADER + bytesOf(payload)
    const written = new Promise<number>((resolve, reject) => this.#queue.push({ payload, bytes, resolve, reject }))
    this.#lastAppend = written.catch(() => undefined)
    if (!this.#working) {
      this.#working = true
      // A turn later, so that frames that are appended together are written together.
      queueMicrotask(() => this.#work())
    }
    return written
  }

  async sync(): Promise<void> {
    this.#log.refuseIfFailed()
    await this.#lastAppend
    if (this.#options.sync === 'always') await this.#syncFile()
  }

  /** Does `change` to the segments while nothing is written, and goes on in the last of them. */
  async paused(change: () => Promise<void>): Promise<void> {
    this.#log.refuseIfFailed()
    await this.#lastAppend
    await this.#syncing.catch(() => undefined)
    await change().catch((error: unknown) => this.#fail(error))
    const before = this.#file
    this.#file = await this.#log.storage.open(this.#log.last.path, 'edit')
    this.#rollDue = false
    await before.close()
  }

  async close(): Promise<void> {
    await this.#lastAppend
    this.#cancelTimer?.()
    const unsynced = this.#options.sync !== 'always' && this.#log.failure === undefined
    try {
      await (unsynced ? this.#syncFile() : this.#syncing.catch(() => undefined))
    } finally {
      this.#log.fail(new StreamrunError('SR_DEFECT', `the log ${this.#log.folder} is closed`))
      await this.#file.close()
    }
  }

  async #work(): Promise<void> {
    while (this.#queue.length > 0) await this.#writeSome()
    this.#working = false
  }

  /** Fails what waits behind a failed frame too, so that a caller who tries again keeps the order. */
  async #writeSome(): Promise<void> {
    let group: Waiting[] = []
    try {
      this.#log.refuseIfFailed()
      if (this.#rollDue || this.#framesThatFit() === 0) await this.#roll()
      group = this.#queue.splice(0, this.#framesThatFit())
      await this.#writeFrames(group)
      this.#syncLater()
    } catch (error) {
      const failed = [...group, ...this.#queue]
      this.#queue = []
      for (const waiting of failed) waiting.reject(error)
    }
  }

  /** How many of the waiting frames the segment takes; an empty one takes at least one. */
  #framesThatFit(): number {
    let size = this.#log.last.size
    const misfit = this.#queue.findIndex(({ bytes }) => {
      const empty = size === SEGMENT_HEADER
      size += bytes
      return size > this.#options.segmentSize && !empty
    })
    return misfit === -1 ? this.#queue.length : misfit
  }

  async #writeFrames(group: readonly Waiting[]): Promise<void> {
    refuseImpossible(this.#log, group)
    const segment = this.#log.last
    const first = this.#log.end
    try {
      await this.#file.write(chunksOf(group, first), segment.size)
    } catch (error) {
      await this.#cutBack(segment.size)
      throw error
    }
    segment.size += group.reduce((sum, { bytes }) => sum + bytes, 0)
    this.#log.end += group.length
    for (const [index, { resolve }] of group.entries()) resolve(first + index)
  }

  /** Some of the frames may be there, in part: nobody was told of them, so they go (F-7). */
  async #cutBack(size: number): Promise<void> {
    this.#cutUnsynced = true
    await this.#file.truncate(size).catch((cause: unknown) => {
      const message = `cannot cut ${this.#log.last.path} back: ${messageOf(cause)}`
      this.#log.fail(new StreamrunError('SR_IO', message, { cause }))
    })
  }

  async #roll(): Promise<void> {
    this.#rollDue = true
    await this.#syncFile()
    const { storage, folder, end, last, segments } = this.#log
    const { segment, file } = await createSegment(storage, folder, end, last).catch((error: unknown) => {
      if (error instanceof StreamrunError) this.#log.fail(error)
      throw error
    })
    // All of the old file is durable, so no sync that still waits for its turn touches it.
    const full = this.#file
    this.#file = file
    segments.push(segment)
    this.#rollDue = false
    await full.close()
  }

  #syncFile(): Promise<void> {
    const start = () => this.#syncNow()
    this.#nextSync ??= this.#syncing.then(start, start)
    return this.#nextSync
  }

  async #syncNow(): Promise<void> {
    this.#syncing = this.#nextSync ?? this.#syncing
    this.#nextSync = undefined
    this.#log.refuseIfFailed()
    const { end } = this.#log
    if (this.#log.durableEnd === end && !this.#cutUnsynced) return
    this.#cutUnsynced = false
    await orSyncFailure(this.#log.last.path, this.#file.sync()).catch((error: unknown) => this.#fail(error))
    this.#log.durableEnd = end
  }

  /** With an interval: what was just written is synced when it has passed. */
  #syncLater(): void {
    const { sync } = this.#options
    if (sync === 'always') return
    this.#cancelTimer ??= sync.clock.timer(sync.interval, () => {
      this.#cancelTimer = undefined
      // A failure is kept in the log and meets the next caller.
      this.#syncFile().catch(() => undefined)
    })
  }

  #fail(error: unknown): never {
    this.#log.fail(error)
    throw error
  }
}

interface Waiting {
  readonly payload: readonly Uint8Array[]
  /** Of the whole frame. */
  readonly bytes: number
  readonly resolve: (seq: number) => void
  readonly reject: (error: unknown) => void
}

/** DC-13: stops before a number that is not exact, or a frame that no reader would take. */
function refuseImpossible(log: LogState, group: readonly Waiting[]): void {
  if (log.end + group.length > Number.MAX_SAFE_INTEGER) {
    throw new StreamrunError('SR_DEFECT', `the log ${log.folder} has used up its sequence numbers`)
  }
  const tooLarge = group.find(({ bytes }) => bytes > FRAME_HEADER + MAX_PAYLOAD)
  if (tooLarge === undefined) return
  throw new StreamrunError('SR_DEFECT', `a frame of ${tooLarge.bytes} bytes is too large for the log ${log.folder}`)
}

function chunksOf(group: readonly Waiting[], first: number): Uint8Array[] {
  const headers = Buffer.allocUnsafe(group.length * FRAME_HEADER)
  return group.flatMap(({ payload }, index) => {
    const at = index * FRAME_HEADER
    writeFrameHeader(headers, at, first + index, payload)
    return [headers.subarray(at, at + FRAME_HEADER), ...payload]
  })
}
