import { crc32 } from 'node:zlib'
import type { FileStat } from '../../../engine/plugin.ts'

/** Where a file resumes, and how it is recognised then: by inode and birth, whatever its name has become (F-3). */
export type FilePosition = Place & {
  /** The path that it is followed by. */
  readonly path: string
  /** Where it was seen last: another name after a rotation, the target of a symbolic link. */
  readonly where: string
  readonly inode: string
  readonly createdMs: number
  /** It is gzipped: offsets count unpacked bytes. */
  readonly packed?: true
}

/** The position of partition `started`: from now on `start: end` and `start_at` no longer apply. */
export type Started = {
  readonly started: true
  /** Where the files begin that `start_at` found, until each has a position of its own. */
  readonly history?: readonly FilePosition[]
}

export type Position = FilePosition | Started

export const STARTED = 'started'

/** The next line that was not handed over yet, and checksums of the bytes before it. */
export type Place = {
  readonly offset: number
  /** Its line number, from 1. */
  readonly line: number
  /** CRC-32 of the first bytes of the file, and of the last bytes before `offset`: PROOF_BYTES, or all there are. */
  readonly head: number
  readonly tail: number
}

/** How much is compared to know that a file is still the one that was read (FT-02, FT-13). */
export const PROOF_BYTES = 256

export const BEGINNING: Place = { offset: 0, line: 1, head: crc32(''), tail: crc32('') }

/** Names a file in dead letters and checkpoints: the path it was found at, and what tells it from others there (FT-14). */
export function partitionOf(path: string, stat: Pick<FileStat, 'inode' | 'createdMs'>): string {
  return `${path}#${stat.inode}:${stat.createdMs}`
}

/**
 * The same for a file before and after a restart. The device is left out: network and overlay file systems are
 * numbered anew with each mount. Without a time of birth, inodes of two devices can only be told apart by it.
 */
export function lastingKey({ inode, createdMs }: Pick<FileStat, 'inode' | 'createdMs'>): string {
  return createdMs === 0 ? inode : `${inode.slice(inode.lastIndexOf(':') + 1)}@${createdMs}`
}
