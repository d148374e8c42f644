import { basename, dirname, join } from 'node:path'
import { errorCode, type FileStat, type Storage } from '../../../engine/plugin.ts'
import { byAge, rotationOf, type Sibling } from './rotation.ts'

/**
 * The rotated files of a path, oldest first, all of one moment: a rotation in between would move a file to a name that
 * was looked at before. So the path itself must hold the same file before and after, and because a rotation moves the
 * numbered files first, no name may have vanished since it was listed.
 */
export async function siblingsOf(path: string, storage: Storage): Promise<readonly Sibling[]> {
  for (let attempt = 1; ; attempt++) {
    const before = await inodeAt(path, storage)
    const { siblings, vanished } = await listSiblings(path, storage)
    const isOneMoment = !vanished && (await inodeAt(path, storage)) === before
    if (isOneMoment || attempt === ATTEMPTS) return siblings.sort(byAge)
  }
}

/** What is at `path`; undefined also when that cannot be seen at the moment. */
export async function statAt(path: string, storage: Storage): Promise<FileStat | undefined> {
  return tolerant(() => storage.stat(path), undefined)
}

const ATTEMPTS = 5

async function inodeAt(path: string, storage: Storage): Promise<string | undefined> {
  return (await statAt(path, storage))?.inode
}

async function listSiblings(path: string, storage: Storage): Promise<{ siblings: Sibling[]; vanished: boolean }> {
  const [folder, live] = [dirname(path), basename(path)]
  const siblings: Sibling[] = []
  let vanished = false
  for (const { name, kind } of await tolerant(() => storage.list(folder), [])) {
    const rotation = kind === 'folder' ? undefined : rotationOf(live, name)
    const sibling = join(folder, name)
    if (rotation === undefined) continue
    const stat = await statAt(sibling, storage)
    vanished ||= stat === undefined
    if (stat?.kind === 'file') siblings.push({ path: sibling, stat, rotation })
  }
  return { siblings, vanished }
}

async function tolerant<T>(look: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await look()
  } catch (error) {
    if (errorCode(error) === undefined) throw error
    return otherwise
  }
}
