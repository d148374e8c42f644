import { MemoryPool } from '../../shared/memory-pool.ts'
import { RowPlaces } from './row-places.ts'

/** Memory for a piece of the file and for the places of the rows in it. */
export interface Workspace {
  readonly data: Buffer
  readonly places: RowPlaces
}

/** `bytes`: what a usual one holds; `noteWidth`: of `RowPlaces`. */
export function workspacePool(bytes: number, noteWidth: number): MemoryPool<Workspace> {
  return new MemoryPool(bytes, (size) => ({ data: Buffer.allocUnsafeSlow(size), places: new RowPlaces(noteWidth) }))
}
