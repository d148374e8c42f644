import { dirname } from 'node:path'
import type { Storage } from '../../../engine/plugin.ts'
import { isMoved, verify } from './changes.ts'
import { changedUnderUs, notDurable } from './faults.ts'
import type { Intent, Intents } from './intents.ts'
import type { FileMark, FileState } from './state.ts'

/**
 * Undoes everything that came after `state` (undefined: after the first start), and only then forgets how: killed
 * anywhere, it does the same again (I-3, R-8). What the state names is cut to its length there; a file that only
 * intents name was first written after it, and becomes what the oldest of them says. `moved`: is told of files that are
 * not at their path any more, which are left alone; without it they are an error.
 */
export async function recover(
  storage: Storage,
  intents: Intents,
  state: FileState | undefined,
  moved?: (path: string) => void,
): Promise<void> {
  const left = await intents.load()
  const undone = new Set<string>()
  const undoOnce = async (path: string, inode: string, undo: () => Promise<void>) => {
    if (undone.has(path)) return
    if (moved !== undefined && isMoved({ inode }, await storage.stat(path))) return moved(path)
    undone.add(path)
    await undo()
  }
  for (const [path, mark] of Object.entries(state?.files ?? {})) {
    await undoOnce(path, mark.inode, () => cutBack(storage, path, mark))
  }
  for (const intent of left) {
    if (intent.number >= (state?.intents ?? 0)) await undoOnce(intent.path, intent.inode, () => undo(storage, intent))
  }
  await intents.clear(state?.intents ?? 0)
}

async function undo(storage: Storage, { path, inode, length }: Intent): Promise<void> {
  if (length === null) await removeMade(storage, path, inode)
  else await cutBack(storage, path, { inode, length })
}

async function cutBack(storage: Storage, path: string, mark: FileMark): Promise<void> {
  const found = await storage.stat(path)
  // Nothing of it is missing.
  if (found === undefined && mark.length === 0) return
  verify(path, mark, found)
  if (found?.size === mark.length) return
  const file = await storage.open(path, 'edit')
  try {
    await file.truncate(mark.length)
    await file.sync()
  } catch (error) {
    throw notDurable(path, error)
  } finally {
    await file.close()
  }
}

/** A file that was made after the state; after a power cut it may never have come to the disk. */
async function removeMade(storage: Storage, path: string, inode: string): Promise<void> {
  const found = await storage.stat(path)
  if (found === undefined) return
  if (found.inode !== inode) throw changedUnderUs(path, 'is another file than before')
  await storage.remove(path)
  await storage.syncFolder(dirname(path))
}
