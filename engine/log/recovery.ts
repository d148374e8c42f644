import { join } from 'node:path'
import type { Storage, StoredFile } from '../storage.ts'
import { readAt, readBlock } from './block.ts'
import { FRAME_HEADER, findFrame, looksLikeFrame, seqAt } from './frame.ts'
import {
  baseOf,
  checkHeader,
  corrupt,
  createSegment,
  isWholeHeader,
  orSyncFailure,
  SEGMENT_HEADER,
  type Segment,
  startOf,
  writeSegmentHeader,
} from './segment.ts'
import { LogState } from './state.ts'

/**
 * Finds what a log holds and makes it durable. Of all segments but the last only the headers are read; their frames
 * are checked when somebody reads them. The last one is read whole, and its torn tail cut off (D-3).
 */
export async function recover(storage: Storage, folder: string): Promise<LogState> {
  await storage.makeFolder(folder)
  const segments = await findSegments(storage, folder)
  if (segments.length === 0) segments.push(await firstSegment(storage, folder))
  for (const [index, segment] of segments.slice(0, -1).entries()) {
    await withFile(storage, segment, 'read', (file) => checkHeader(file, segment, segments[index - 1]))
  }
  const end = await recoverLast(storage, segments)
  // A file that was made just before a crash may be here without its name being durable.
  await orSyncFailure(folder, storage.syncFolder(folder))
  return new LogState(storage, folder, segments, end)
}

/** In order. Their sizes are those of the files. */
export async function findSegments(storage: Storage, folder: string): Promise<Segment[]> {
  const segments: Segment[] = []
  for (const { name } of await storage.list(folder)) {
    const base = baseOf(name)
    if (base === undefined) continue
    const path = join(folder, name)
    segments.push({ path, base, size: (await storage.stat(path))?.size ?? 0 })
  }
  return segments.sort((a, b) => a.base - b.base)
}

async function firstSegment(storage: Storage, folder: string): Promise<Segment> {
  const { segment, file } = await createSegment(storage, folder, 0, undefined)
  await file.close()
  return segment
}

/** The sequence number behind the last frame. A segment that a crash kept from being made is not one yet. */
async function recoverLast(storage: Storage, segments: Segment[]): Promise<number> {
  const last = segments.at(-1) as Segment
  const previous = segments.at(-2)
  const unborn = await withFile(storage, last, 'read', (file) => isUnborn(file, last))
  if (!unborn) return withFile(storage, last, 'edit', (file) => recoverFrames(file, last, previous))
  if (previous === undefined) return withFile(storage, last, 'edit', (file) => makeAgain(file, last))
  const end = await withFile(storage, previous, 'edit', (file) => recoverFrames(file, previous, segments.at(-3)))
  if (end !== last.base) throw corrupt(previous, previous.size, `it ends before frame ${end}`)
  segments.pop()
  await storage.remove(last.path)
  return end
}

/** The number of the only segment is in its name. */
async function makeAgain(file: StoredFile, only: Segment): Promise<number> {
  await writeSegmentHeader(file, only, undefined)
  only.size = SEGMENT_HEADER
  return only.base
}

async function recoverFrames(file: StoredFile, last: Segment, previous: Segment | undefined): Promise<number> {
  await checkHeader(file, last, previous)
  const end = await cutTornTail(file, last)
  // What was written but not synced before the crash is only in memory until now.
  await orSyncFailure(last.path, file.sync())
  return end
}

/** True when a crash came before the header was durable: then no frame was ever written (D-2, DC-03). */
export async function isUnborn(file: StoredFile, last: Segment): Promise<boolean> {
  if (last.size < SEGMENT_HEADER) return true
  // No frame is behind it, so a header that is not whole is one that was being written.
  if (last.size === SEGMENT_HEADER) return !isWholeHeader(await readAt(file, 0, SEGMENT_HEADER))
  for (let at = 0; at < last.size; at += SCAN_BYTES) {
    const bytes = await readAt(file, at, Math.min(SCAN_BYTES, last.size - at))
    if (bytes.some((byte) => byte !== 0)) return false
  }
  return true
}

async function cutTornTail(file: StoredFile, last: Segment): Promise<number> {
  let place = startOf(last)
  while (place.offset < last.size) {
    const block = await readBlock(file, place, last.size, SCAN_BYTES)
    place = block.next
    if (!block.broken) continue
    const found = await findFrameBehind(file, place.offset, place.seq, last.size)
    if (found !== undefined) {
      throw corrupt(last, place.offset, `frame ${place.seq} is damaged, and a whole frame stands behind it at ${found}`)
    }
    await file.truncate(place.offset)
    last.size = place.offset
  }
  return place.seq
}

/**
 * The offset of a whole frame somewhere behind a broken one. Bytes are only looked at closely where the number of a
 * frame would be one that can come so soon after `seq`.
 */
async function findFrameBehind(
  file: StoredFile,
  broken: number,
  seq: number,
  size: number,
): Promise<number | undefined> {
  const limit = seq + Math.ceil((size - broken) / FRAME_HEADER)
  for (let from = broken + 1; from + FRAME_HEADER <= size; from += SCAN_BYTES) {
    const bytes = await readAt(file, from, Math.min(SCAN_BYTES + FRAME_HEADER - 1, size - from))
    for (let at = 0; at + FRAME_HEADER <= bytes.length; at++) {
      if (looksLikeFrame(bytes, at, seq, limit) && (await isFrame(file, from + at, seqAt(bytes, at), size))) {
        return from + at
      }
    }
  }
  return undefined
}

async function isFrame(file: StoredFile, offset: number, seq: number, size: number): Promise<boolean> {
  const header = await readAt(file, offset, FRAME_HEADER)
  const found = findFrame(header, 0, seq, size - offset)
  if (found.kind !== 'partial') return found.kind === 'frame'
  return findFrame(await readAt(file, offset, found.bytes), 0, seq, size - offset).kind === 'frame'
}

/** Bytes per read while looking through a file. */
const SCAN_BYTES = 1024 * 1024

export async function withFile<T>(
  storage: Storage,
  segment: Segment,
  mode: 'read' | 'edit',
  use: (file: StoredFile) => Promise<T>,
): Promise<T> {
  const file = await storage.open(segment.path, mode)
  try {
    return await use(file)
  } finally {
    await file.close()
  }
}
