import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { messageOf, StreamrunError } from '../errors.ts'
import type { Storage, StoredFile } from '../storage.ts'
import { type Place, readAt } from './block.ts'
import { readSafeInteger, writeSafeInteger } from './frame.ts'

/** One segment file; the layout of its header is in index.ts. */
export interface Segment {
  readonly path: string
  /** Sequence number of its first frame. */
  readonly base: number
  /** Bytes of its header and its whole frames; grows while it is the last one. */
  size: number
}

export const SEGMENT_HEADER = 40

/**
 * Makes a segment, durable before it is used (D-2). A failed write may be tried again, on the same file; a failed sync
 * is SR_IO.
 */
export async function createSegment(
  storage: Storage,
  folder: string,
  base: number,
  previous: Segment | undefined,
): Promise<{ segment: Segment; file: StoredFile }> {
  const segment = { path: join(folder, fileName(base)), base, size: SEGMENT_HEADER }
  const file = await storage.open(segment.path, 'ensure')
  try {
    await writeSegmentHeader(file, segment, previous)
    await orSyncFailure(segment.path, storage.syncFolder(folder))
    return { segment, file }
  } catch (error) {
    await file.close()
    await removeUnborn(storage, folder, segment).catch(() => {})
    throw error
  }
}

/** Half a header may stay behind a crash, where the segment before it is whole, but not behind a cut of that one. */
async function removeUnborn(storage: Storage, folder: string, segment: Segment): Promise<void> {
  await storage.remove(segment.path)
  await storage.syncFolder(folder)
}

/** Writes the header of an empty segment, durably. */
export async function writeSegmentHeader(
  file: StoredFile,
  segment: Segment,
  previous: Segment | undefined,
): Promise<void> {
  await file.write([encodeHeader(segment.base, previous)], 0)
  await file.truncate(SEGMENT_HEADER)
  await orSyncFailure(segment.path, file.sync())
}

/** Checks a segment's header against its name and the segment before it; SR_LOG_CORRUPT or SR_LOG_VERSION. */
export async function checkHeader(file: StoredFile, segment: Segment, previous: Segment | undefined): Promise<void> {
  const header = await readAt(file, 0, SEGMENT_HEADER)
  refuseOtherFormat(header, segment)
  if (readSafeInteger(header, 12) !== segment.base) throw corrupt(segment, 12, 'its number is not the one in its name')
  if (previous === undefined) return
  if (readSafeInteger(header, 20) !== previous.base) throw corrupt(segment, 20, 'the segment before it is missing')
  if (readSafeInteger(header, 28) !== previous.size) {
    throw corrupt(previous, previous.size, `it had ${readSafeInteger(header, 28)} bytes when it was full`)
  }
}

/** Whatever its version. */
export function isWholeHeader(header: Buffer): boolean {
  return crc32(header.subarray(0, CHECKED)) === header.readUInt32LE(CHECKED)
}

export function startOf(segment: Segment): Place {
  return { seq: segment.base, offset: SEGMENT_HEADER, ahead: 0 }
}

/** The base in a segment's file name; undefined for the name of another file. */
export function baseOf(name: string): number | undefined {
  return /^\d{16}\.log$/.test(name) ? Number(name.slice(0, 16)) : undefined
}

export function corrupt(segment: Segment, offset: number, what: string): StreamrunError {
  return new StreamrunError('SR_LOG_CORRUPT', `${segment.path}, byte ${offset}: ${what}`)
}

/** after a failed sync nothing is known about the file. */
export async function orSyncFailure(path: string, sync: Promise<void>): Promise<void> {
  await sync.catch((cause: unknown) => {
    throw new StreamrunError('SR_IO', `cannot sync ${path}: ${messageOf(cause)}`, { cause })
  })
}

const MAGIC = Buffer.from('SRLOG\r\n\x1a', 'latin1')
const VERSION = 1
const CHECKED = 36

function fileName(base: number): string {
  return `${String(base).padStart(16, '0')}.log`
}

function encodeHeader(base: number, previous: Segment | undefined): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER)
  MAGIC.copy(header)
  header.writeUInt32LE(VERSION, 8)
  writeSafeInteger(header, base, 12)
  writeSafeInteger(header, previous?.base ?? base, 20)
  writeSafeInteger(header, previous?.size ?? 0, 28)
  header.writeUInt32LE(crc32(header.subarray(0, CHECKED)), CHECKED)
  return header
}

function refuseOtherFormat(header: Buffer, segment: Segment): void {
  if (header.length < SEGMENT_HEADER) throw corrupt(segment, header.length, 'it ends within its header')
  if (!header.subarray(0, MAGIC.length).equals(MAGIC)) throw corrupt(segment, 0, 'it is not a log segment')
  if (!isWholeHeader(header)) throw corrupt(segment, 0, 'the checksum of its header is wrong')
  const version = header.readUInt32LE(8)
  if (version === VERSION) return
  const message = `${segment.path} has format version ${version}; this streamrun reads version ${VERSION}`
  throw new StreamrunError('SR_LOG_VERSION', message)
}
