import type { FileStat } from '../../../engine/plugin.ts'
import type { LineReader } from './line-reader.ts'
import { type FilePosition, partitionOf } from './position.ts'

interface TailedFileParts {
  readonly path: string
  readonly where: string
  readonly stat: FileStat
  readonly lines: LineReader
  readonly partition?: string
  readonly packed?: boolean
}

/** One file that is followed: the same through all names that it is given. */
export class TailedFile {
  readonly partition: string
  readonly inode: string
  readonly createdMs: number
  readonly lines: LineReader
  /** It is gzipped, and complete. */
  readonly packed: boolean
  /** The path that it is followed by. */
  readonly path: string
  /** A path where it is now, links resolved; undefined when it was not found. */
  where: string | undefined
  /** The path with links that leads to `where`. */
  link: string | undefined
  size = 0
  modifiedMs = 0

  /** A checkpoint knows it, by the path where it is now. */
  announced: boolean
  /** The engine knows of it in this run: until it is read, time stands still for it. */
  known = false
  /** What is there now is read over: `start: end`. */
  skipping = false
  /** The file that was at its path before: read first. */
  after: TailedFile | undefined
  /** The file that is read when this one is finished. */
  before: TailedFile | undefined
  /** Another file has taken its place, since this moment of the monotonic clock. */
  replacedAt: number | undefined
  /** It was nowhere to be found, since this moment. */
  missingSince: number | undefined
  /** Nothing was added to it, since this moment; undefined before it was read to its end. */
  quietSince: number | undefined
  /** It is shorter than what was read of it, since this moment. */
  shrunkSince: number | undefined
  /** It vanished before it was read to its end. */
  lost = false
  /** Its next step is the last one: what stands there without a newline is a line. */
  ending = false
  /** Nothing more is expected of it: what comes after it may be read. */
  finished = false
  /** Its next step hands over the event that is open, if nothing came meanwhile. */
  flushing = false
  /** Reading it failed: it is tried again with the next look at all files. */
  failed = false
  #seen = 0

  constructor(parts: TailedFileParts) {
    const { path, where, stat, lines, partition, packed = false } = parts
    this.partition = partition ?? partitionOf(path, stat)
    this.inode = stat.inode
    this.createdMs = stat.createdMs
    this.lines = lines
    this.packed = packed
    this.path = path
    this.where = where
    this.announced = partition !== undefined
  }

  get position(): FilePosition {
    const { path, inode, createdMs } = this
    const at = { path, where: this.where ?? path, inode, createdMs, ...this.lines.place }
    return this.packed ? { ...at, packed: true } : at
  }

  /** It waits for another file to be read to its end. */
  get blocked(): boolean {
    return this.after !== undefined && !this.after.finished
  }

  /** Nothing will be added to it when it has been quiet for some time. */
  get retiring(): boolean {
    return this.where === undefined || (this.replacedAt !== undefined && !this.finished)
  }

  /** It is at `path`. Says whether there may be something to read. */
  sighted(path: string, stat: FileStat): boolean {
    const where = path === this.link && this.where !== undefined ? this.where : path
    // A file that did not grow may have been cut and written anew: its time of change is a hint, never a proof (FT-16).
    const changed = stat.size !== this.size || stat.modifiedMs !== this.modifiedMs
    if (where !== this.where) this.announced = false
    this.where = where
    this.missingSince = undefined
    this.size = stat.size
    this.modifiedMs = stat.modifiedMs
    return changed || this.failed || this.retiring || this.shrunkSince !== undefined
  }

  /** Another file has taken its place: it waits until this one is finished. */
  replacedBy(next: TailedFile, now: number): void {
    next.after = this
    this.before = next
    this.replacedAt = now
    this.finished = false
  }

  /** It is back at its path, as a link that was swapped back: whoever waited for it need not any more. */
  returned(): TailedFile | undefined {
    const next = this.before
    this.before = undefined
    this.replacedAt = undefined
    if (next?.after === this) next.after = undefined
    return next
  }

  /** There is nothing more to read at the moment. */
  pause(now: number): void {
    const grew = this.lines.seen !== this.#seen
    this.#seen = this.lines.seen
    if (grew || this.quietSince === undefined) this.quietSince = now
  }

  missing(now: number): void {
    this.where = undefined
    this.missingSince ??= now
  }
}
