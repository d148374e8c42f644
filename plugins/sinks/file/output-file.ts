import type { StoredFile } from '../../../engine/plugin.ts'
import { notDurable } from './faults.ts'

/** A file that is held open. */
export interface OutputFile {
  readonly path: string
  readonly inode: string
  readonly handle: StoredFile
  length: number
  /** What it begins with, as far as the codec wants to see it. */
  start: Uint8Array
  /** Made here, and no state or intent names it yet. */
  isNew: boolean
  /** Written since the last sync began. */
  dirty: boolean
  /** The sync under way: the file is not closed before it ends. */
  syncing: Promise<void>
}

/** What is written while it runs is left to the next one. */
export function startSync(file: OutputFile): void {
  file.dirty = false
  file.syncing = Promise.all([file.syncing, file.handle.sync()]).then(
    () => {},
    (error) => {
      throw notDurable(file.path, error)
    },
  )
  // Whoever needs it durable awaits it; until then a failure must not count as unhandled.
  file.syncing.catch(() => {})
}
