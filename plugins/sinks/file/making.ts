import { basename, dirname } from 'node:path'
import type { Storage, StoredFile } from '../../../engine/plugin.ts'
import { cannotCreate, systemError } from './faults.ts'

export interface MakingParts {
  readonly storage: Storage
  readonly createFolders: boolean
  /** Called with a folder that had to be made. */
  readonly madeFolder: (folder: string) => void
}

/** Never follows a link to a file that is not there: `create` refuses it. */
export async function makeFile(path: string, { storage, createFolders, madeFolder }: MakingParts): Promise<StoredFile> {
  const folder = dirname(path)
  if (createFolders) {
    if (await makeFolder(storage, folder)) madeFolder(folder)
  } else if ((await storage.stat(folder)) === undefined) {
    throw cannotCreate(new Error(`there is no folder ${folder}, and create_dirs is false`), path)
  }
  return storage.open(path, 'create')
}

/** A missing folder may come; a link to nothing that stands for one is there to stay, like one that stands for a file. */
async function makeFolder(storage: Storage, folder: string): Promise<boolean> {
  try {
    return await storage.makeFolder(folder)
  } catch (error) {
    if (await leadsNowhere(storage, folder)) throw systemError('EEXIST')
    throw error
  }
}

async function leadsNowhere(storage: Storage, folder: string): Promise<boolean> {
  const parent = dirname(folder)
  if (parent === folder || (await storage.stat(folder)) !== undefined) return false
  if ((await storage.stat(parent)) === undefined) return leadsNowhere(storage, parent)
  return (await storage.list(parent)).some(({ name, kind }) => name === basename(folder) && kind === 'other')
}
