import { StreamrunError } from '../errors.ts'
import { seek } from './reader.ts'
import { createSegment, orSyncFailure, SEGMENT_HEADER, type Segment, startOf } from './segment.ts'
import type { LogState } from './state.ts'

/** Drops every frame from `end` on; nobody reads or writes meanwhile. A crash within leaves a log that holds more. */
export async function cutBack(log: LogState, end: number): Promise<void> {
  if (end > log.end || (end < log.first && end !== 0)) throw outOfRange(log, end)
  if (end === log.durableEnd && end === log.end) return
  while (log.segments.length > 1 && log.last.base >= end) await removeSegment(log, log.last)
  if (log.last.base > end) await startAnew(log)
  else await cutSegment(log, log.last, end)
  log.end = end
  log.durableEnd = end
}

/** Removes the segments whose frames are all before `before`; the last one always stays. */
export async function dropSegments(log: LogState, before: number): Promise<void> {
  log.refuseIfFailed()
  while ((log.segments[1]?.base ?? Number.POSITIVE_INFINITY) <= before) {
    await removeSegment(log, log.segments[0] as Segment)
  }
}

/** One at a time, durably: whatever a crash leaves has no gap (F-8, DC-09). */
async function removeSegment(log: LogState, segment: Segment): Promise<void> {
  await log.storage.remove(segment.path)
  log.segments.splice(log.segments.indexOf(segment), 1)
  await orSyncFailure(log.folder, log.storage.syncFolder(log.folder))
}

/** Frame 0 is long gone, so the log is emptied by making it again. */
async function startAnew(log: LogState): Promise<void> {
  await log.storage.remove(log.last.path)
  await orSyncFailure(log.folder, log.storage.syncFolder(log.folder))
  const { segment, file } = await createSegment(log.storage, log.folder, 0, undefined)
  await file.close()
  log.segments.splice(0, log.segments.length, segment)
}

async function cutSegment(log: LogState, segment: Segment, end: number): Promise<void> {
  const file = await log.storage.open(segment.path, 'edit')
  try {
    const { offset } = end === segment.base ? startOf(segment) : await seek(file, segment, end)
    await file.truncate(Math.max(offset, SEGMENT_HEADER))
    await orSyncFailure(segment.path, file.sync())
    segment.size = offset
  } finally {
    await file.close()
  }
}

function outOfRange(log: LogState, end: number): StreamrunError {
  const held = `${log.folder} holds frames ${log.first} to ${log.end}`
  return new StreamrunError('SR_LOG_CORRUPT', `${held}, but the checkpoint says that it ends at ${end}`)
}
