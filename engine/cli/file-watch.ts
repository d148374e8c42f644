import { type FSWatcher, watch } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Storage } from '../storage.ts'
import { isYaml } from './test-files.ts'

/**
 * Tells when a file changes that somebody has read, and nothing else: what a run writes beside it is not read. Folders
 * are watched, not files: editors put a new file in the place of the old one.
 */
export class FileWatch {
  readonly #changed: (path: string) => void
  readonly #read = new Set<string>()
  readonly #searched = new Set<string>()
  readonly #watchers = new Map<string, FSWatcher>()

  constructor(changed: (path: string) => void) {
    this.#changed = changed
  }

  /** It is about to be read, or looked for. */
  note(path: string): void {
    this.#read.add(resolve(path))
    this.#watch(dirname(resolve(path)))
  }

  /** A YAML file that comes into this folder may be a test. */
  noteFolder(path: string): void {
    this.#searched.add(resolve(path))
    this.#watch(resolve(path))
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }

  #watch(folder: string): void {
    if (this.#watchers.has(folder)) return
    try {
      const watcher = watch(folder, (_, name) => this.#look(folder, name ?? ''))
      this.#watchers.set(folder, watcher)
      watcher.on('error', () => this.#forget(folder))
    } catch {
      // It is not there: whatever is noted in it later tries again.
    }
  }

  #look(folder: string, name: string): void {
    const path = join(folder, basename(name))
    if (this.#read.has(path) || (this.#searched.has(folder) && isYaml(name))) this.#changed(path)
  }

  #forget(folder: string): void {
    this.#watchers.get(folder)?.close()
    this.#watchers.delete(folder)
  }
}

/** `storage`, telling which files are read or looked for. */
export function noting(storage: Storage, note: (path: string) => void): Storage {
  return {
    ...storage,
    open: (path, mode) => {
      if (mode === 'read') note(path)
      return storage.open(path, mode)
    },
    stat: (path) => {
      note(path)
      return storage.stat(path)
    },
  }
}
