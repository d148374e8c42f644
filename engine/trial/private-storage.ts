import type { Storage } from '../storage.ts'
import { memoryStorage } from './memory-storage.ts'

/**
 * The machine's disk to read from, and memory for everything below `folder`: what a trial keeps is nowhere else, and
 * anything that would be written elsewhere is refused.
 */
export function privateStorage(disk: Storage, folder: string): Storage {
  const memory = memoryStorage()
  const isInside = (path: string) => path === folder || path.startsWith(`${folder}/`)
  const of = (path: string) => (isInside(path) ? memory : disk)
  const writable = (path: string) => {
    if (isInside(path)) return memory
    throw Object.assign(new Error(`EROFS: a trial writes nothing, '${path}'`), { code: 'EROFS' })
  }
  return {
    open: async (path, mode) => (mode === 'read' ? of(path) : writable(path)).open(path, mode),
    stat: (path) => of(path).stat(path),
    list: (path) => of(path).list(path),
    realPath: (path) => of(path).realPath(path),
    freeBytes: (path) => of(path).freeBytes(path),
    watch: (path, changed) => of(path).watch(path, changed),
    makeFolder: async (path) => writable(path).makeFolder(path),
    rename: async (from, to) => writable(from).rename(from, to),
    remove: async (path) => writable(path).remove(path),
    syncFolder: async (path) => writable(path).syncFolder(path),
    lock: async (path) => writable(path).lock(path),
  }
}
