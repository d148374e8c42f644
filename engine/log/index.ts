import { messageOf, StreamrunError } from '../errors.ts'
import type { Storage } from '../storage.ts'
import type { Room } from './block.ts'
import type { Frame } from './frame.ts'
import { LogReader } from './reader.ts'
import { recover } from './recovery.ts'
import { cutBack, dropSegments } from './trim.ts'
import { type SyncMode, writerOf } from './writer.ts'

/**
 * The durable log: the one format on disk under file channels, embedded topics and checkpoints. Format version 1.
 *
 * A log is a folder of segment files. A segment is named for the sequence number of its first frame, in 16 decimal
 * digits: `0000000000000000.log`. Other files in the folder are left alone. Numbers are little-endian and unsigned.
 *
 *   segment header, 40 bytes, which keep their size, magic, version and crc32 in every version
 *      0   8  magic                   53 52 4c 4f 47 0d 0a 1a, "SRLOG\r\n" and Ctrl-Z
 *      8   4  version                 1
 *     12   8  base                    sequence number of the first frame, as in the file name
 *     20   8  previous base           base of the segment before; its own base when there was none
 *     28   8  previous size           size of the segment before in bytes; 0 when there was none
 *     36   4  crc32                   of bytes 0 to 35
 *
 *   frame, 17 bytes and its payload, one behind the other up to the end of the file
 *      0   4  crc32                   of everything behind it: bytes 4 to 16 and the payload (D-1)
 *      4   4  length                  of the payload, at most 2^30
 *      8   8  sequence number         the one of the frame before plus 1; below 2^53
 *     16   1  type                    1; another type would come with another version
 *     17   n  payload                 the caller's
 *
 * Rules that recovery rests on:
 * - A segment's header, and its name in the folder, are durable before its first frame is written (D-2).
 * - A segment is durable as a whole before the next one is made. So only the last one may end in a torn tail; it is
 *   cut off when nothing valid stands behind it, and anything else that is wrong is corruption, which stops (D-3, I-5).
 *   A tail that was lost with nothing left behind it looks the same as one that was never written: whoever knows how
 *   far the log must reach says so with `truncate`.
 * - Segments are removed one at a time, the folder synced after each: what is left is always one gapless run.
 * - Whatever recovery found it makes durable before it trusts it: a second recovery finds the same.
 */
export async function openLog(storage: Storage, folder: string, options: LogOptions): Promise<Log> {
  const state = await recover(storage, folder).catch((error: unknown) => {
    if (error instanceof StreamrunError) throw error
    throw new StreamrunError('SR_IO', `cannot open the log ${folder}: ${messageOf(error)}`, { cause: error })
  })
  const writer = await writerOf(state, options)
  const reader = new LogReader(state)
  return {
    get first() {
      return state.first
    },
    get end() {
      return state.end
    },
    get durableEnd() {
      return state.durableEnd
    },
    get bytes() {
      return state.bytes
    },
    get segments() {
      return state.segments.map(({ base, size }) => ({ first: base, bytes: size }))
    },
    append: (payload) => writer.append(payload),
    sync: () => writer.sync(),
    read: (from, maxBytes, room) => reader.read(from, maxBytes, room),
    truncate: (end) => writer.paused(() => reader.paused(() => cutBack(state, end))),
    drop: (before) => reader.paused(() => dropSegments(state, before)),
    async close() {
      await writer.close()
      await reader.close()
    },
  }
}

export interface LogOptions {
  /** A segment that has reached this many bytes gets no more frames; one frame may be larger. */
  readonly segmentSize: number
  /**
   * `always`: `sync` resolves when everything is on the disk. An interval: `sync` does not wait, and what was written
   * reaches the disk within about that many milliseconds; a power cut, but not the death of the process, may lose it.
   */
  readonly sync: SyncMode
}

/**
 * Frames are numbered from 0, without gaps, for ever. After a failed sync nothing is known about the file: every
 * call rejects from then on, with SR_IO, and only opening the log again tells what is there.
 */
export interface Log {
  /** Sequence number of the oldest frame that is kept; `end` when there is none. */
  readonly first: number
  /** Sequence number behind the last frame that is written. */
  readonly end: number
  /** Everything before it survives a power cut. */
  readonly durableEnd: number
  /** On disk, headers included. */
  readonly bytes: number
  /** In order, at least one; only the last may be without a frame. Reading the first frame of one needs no search. */
  readonly segments: readonly LogSegment[]
  /**
   * Writes one frame whose payload is these pieces, which must not change until it resolves; order is the order of
   * calls, and frames that wait are written together. Resolves with the sequence number when written, not yet durable.
   * Rejects with the error of the system (ENOSPC) after cutting the file back to whole frames, and then rejects what
   * was waiting behind it too: the caller may try again, in the same order (F-7, DC-04).
   */
  append(payload: readonly Uint8Array[]): Promise<number>
  /** Resolves when everything appended before the call is durable; callers share one fdatasync (D-4). */
  sync(): Promise<void>
  /**
   * The frames from `from` on, in all about `maxBytes` but at least one; none at the end. Sees what is written, synced
   * or not. Reading on where the last call ended is a single read of the file. Rejects with SR_LOG_CORRUPT. They stand in
   * memory that `room` gives; left out: in new memory.
   */
  read(from: number, maxBytes: number, room?: Room): Promise<readonly Frame[]>
  /**
   * Drops every frame from `end` on, durably; 0 empties the log and starts it anew. SR_LOG_CORRUPT when the log does
   * not reach to `end`. Not to be called while frames are being appended.
   */
  truncate(end: number): Promise<void>
  /** Removes the segments whose frames are all before `before`, oldest first (F-6). */
  drop(before: number): Promise<void>
  /** Waits for what was appended; it is made durable only when the log syncs at an interval. */
  close(): Promise<void>
}

export interface LogSegment {
  /** Sequence number of its first frame. */
  readonly first: number
  /** On disk, header included. */
  readonly bytes: number
}

export type { Room } from './block.ts'
export type { Frame } from './frame.ts'
export type { SyncMode } from './writer.ts'
