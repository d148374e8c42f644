import { type FilePosition, type Position, partitionOf, STARTED } from './position.ts'

/** What the checkpoint says: which files were read, and whether reading has begun at all. */

type Committed = ReadonlyMap<string, Position>

/** Where files resume, by partition. */
export function filesOf(committed: Committed): ReadonlyMap<string, FilePosition> {
  const files = new Map<string, FilePosition>()
  for (const position of historyIn(committed)) files.set(partitionOf(position.path, position), position)
  for (const [partition, position] of committed) {
    if ('inode' in position) files.set(partition, position)
  }
  return files
}

/** It was never started, or not all files that `start_at` found have positions of their own. */
export function isStarting(committed: Committed): boolean {
  return committed.size === 0 || historyIn(committed).length > 0
}

function historyIn(committed: Committed): readonly FilePosition[] {
  const position = committed.get(STARTED)
  return position !== undefined && 'started' in position ? (position.history ?? []) : []
}
