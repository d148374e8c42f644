import { join } from 'node:path'
import type { Storage } from '../storage.ts'
import { readBlock } from './block.ts'
import type { Log } from './index.ts'
import { LogReader } from './reader.ts'
import { findSegments, isUnborn, withFile } from './recovery.ts'
import { SEGMENT_HEADER, type Segment, startOf } from './segment.ts'
import { LogState } from './state.ts'

/**
 * Reads a log that another process may be writing to: it recovers nothing and changes nothing. It shows the whole
 * frames that were there when it last looked. The last of them may not be durable, and may be taken back: how far they
 * can be trusted the caller must know. A folder that is not there is an empty log.
 */
export async function followLog(storage: Storage, folder: string): Promise<LogFollower> {
  let seen = await segmentsIn(storage, folder)
  let state = await stateOf(storage, folder, seen)
  let reader = new LogReader(state)
  return {
    get first() {
      return state.first
    },
    get end() {
      return state.end
    },
    get bytes() {
      return state.bytes
    },
    get segments() {
      return state.segments.map(({ base, size }) => ({ first: base, bytes: size }))
    },
    read: (from, maxBytes, room) => reader.read(from, maxBytes, room),
    async refresh() {
      const now = await segmentsIn(storage, folder)
      if (isSame(now, seen)) return false
      const before = reader
      state = await stateOf(storage, folder, now)
      reader = new LogReader(state)
      seen = now
      await before.close()
      return true
    },
    close: () => reader.close(),
  }
}

export interface LogFollower extends Pick<Log, 'first' | 'end' | 'bytes' | 'segments' | 'read'> {
  /** Looks again; false when nothing has changed. Rejects with ENOENT when a segment was removed meanwhile. */
  refresh(): Promise<boolean>
  close(): Promise<void>
}

async function segmentsIn(storage: Storage, folder: string): Promise<Segment[]> {
  return (await storage.stat(folder)) === undefined ? [] : findSegments(storage, folder)
}

async function stateOf(storage: Storage, folder: string, found: readonly Segment[]): Promise<LogState> {
  const segments = found.map((segment) => ({ ...segment }))
  const last = segments.at(-1)
  if (last !== undefined && (await withFile(storage, last, 'read', (file) => isUnborn(file, last)))) segments.pop()
  if (segments.length === 0) segments.push({ path: join(folder, 'none'), base: 0, size: SEGMENT_HEADER })
  const end = found.length === 0 || last === undefined ? 0 : await endOf(storage, segments.at(-1) as Segment)
  return new LogState(storage, folder, segments, end)
}

/** Behind the last whole frame; what stands there may be one that is being written. */
async function endOf(storage: Storage, last: Segment): Promise<number> {
  if (last.size <= SEGMENT_HEADER) return last.base
  return withFile(storage, last, 'read', async (file) => {
    let place = startOf(last)
    while (place.offset < last.size) {
      const block = await readBlock(file, place, last.size, SCAN_BYTES)
      place = block.next
      if (block.broken) break
    }
    last.size = place.offset
    return place.seq
  })
}

function isSame(a: readonly Segment[], b: readonly Segment[]): boolean {
  return a.length === b.length && a.every(({ base, size }, index) => base === b[index]?.base && size === b[index].size)
}

const SCAN_BYTES = 1024 * 1024
