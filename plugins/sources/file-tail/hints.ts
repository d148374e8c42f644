import type { Storage, Watcher } from '../../../engine/plugin.ts'

/** Folders that are watched at most: each costs the kernel memory, and the poll finds everything anyway (FT-12). */
const MOST_FOLDERS = 128

/** Hints of the operating system that something changed in the folders that matter. */
export class Hints {
  readonly #storage: Storage
  readonly #changed: () => void
  readonly #watchers = new Map<string, { readonly inode: string; readonly watcher: Watcher }>()

  constructor(storage: Storage, changed: () => void) {
    this.#storage = storage
    this.#changed = changed
  }

  /** From now on these folders are watched, and no others. */
  async watch(folders: ReadonlySet<string>): Promise<void> {
    for (const folder of this.#watchers.keys()) {
      if (!folders.has(folder)) this.#unwatch(folder)
    }
    for (const folder of folders) await this.#renew(folder)
  }

  close(): void {
    for (const folder of [...this.#watchers.keys()]) this.#unwatch(folder)
  }

  /** A watch belongs to the folder, not to its name: it is blind after the folder was made anew. */
  async #renew(folder: string): Promise<void> {
    const inode = (await this.#storage.stat(folder).catch(() => undefined))?.inode
    if (this.#watchers.get(folder)?.inode === inode) return
    this.#unwatch(folder)
    if (inode === undefined || this.#watchers.size >= MOST_FOLDERS) return
    const watcher = this.#storage.watch(folder, this.#changed)
    if (watcher !== undefined) this.#watchers.set(folder, { inode, watcher })
  }

  #unwatch(folder: string): void {
    this.#watchers.get(folder)?.watcher.close()
    this.#watchers.delete(folder)
  }
}
