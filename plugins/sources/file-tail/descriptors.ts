import { errorCode, type Storage, type StoredFile } from '../../../engine/plugin.ts'
import type { TailedFile } from './tailed-file.ts'
import { unpacked } from './unpacked.ts'

/** The files that are open: never more than `most`, as long as one of them can be opened again later (FT-15). */
export class Descriptors {
  readonly #storage: Storage
  readonly #most: number
  /** The one that was used longest ago is first. */
  readonly #open = new Map<TailedFile, StoredFile>()

  constructor(storage: Storage, most: number) {
    this.#storage = storage
    this.#most = most
  }

  /** The files that are open, which are the ones that were read last. */
  get files(): readonly TailedFile[] {
    return [...this.#open.keys()]
  }

  get hasRoom(): boolean {
    return this.#open.size < this.#most
  }

  has(file: TailedFile): boolean {
    return this.#open.has(file)
  }

  /** Undefined when the file is not where it was seen. Throws what opening it throws. */
  async of(file: TailedFile): Promise<StoredFile | undefined> {
    const open = this.#open.get(file)
    if (open === undefined) return this.#reopen(file)
    this.#open.delete(file)
    this.#open.set(file, open)
    return open
  }

  async close(file: TailedFile): Promise<void> {
    const open = this.#open.get(file)
    this.#open.delete(file)
    await file.lines.settle()
    // Nothing is lost when closing a file fails that was only read.
    await open?.close().catch(() => {})
  }

  async closeAll(): Promise<void> {
    for (const file of this.files) await this.close(file)
  }

  async #reopen(file: TailedFile): Promise<StoredFile | undefined> {
    if (file.where === undefined) return undefined
    while (!this.hasRoom && (await this.#closeOne()));
    const raw = await this.#openAt(file.where)
    if (raw === undefined) return undefined
    const opened = file.packed ? unpacked(raw) : raw
    // Between the look at the path and here another file may have taken it, and even its inode.
    const { inode, createdMs } = await opened.stat()
    const isSame = inode === file.inode && createdMs === file.createdMs
    if (isSame) this.#open.set(file, opened)
    else await opened.close()
    return isSame ? opened : undefined
  }

  async #openAt(path: string): Promise<StoredFile | undefined> {
    try {
      return await this.#storage.open(path, 'read')
    } catch (error) {
      const code = errorCode(error)
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
      // The limit of the process is lower than ours: one less is open from now on.
      if ((code === 'EMFILE' || code === 'ENFILE') && (await this.#closeOne())) return this.#openAt(path)
      throw error
    }
  }

  /** A file that has no name any more stays open: nothing else leads to what is unread of it. */
  async #closeOne(): Promise<boolean> {
    const idle = this.files.find((file) => !file.lines.busy && file.where !== undefined)
    if (idle === undefined) return false
    await this.close(idle)
    return true
  }
}
