import { basename, dirname, resolve } from 'node:path'
import type { Random } from '../random.ts'
import type { Entry, FileStat, FolderLock, OpenMode, Storage, StoredFile } from '../storage.ts'
import { firstFew, MemoryFile } from './memory-file.ts'

/**
 * A disk in memory that can lose what was not synced. Bytes are durable after `sync` of their file, names after
 * `syncFolder` of their folder, new folders at once; `watch` gives no hints.
 */
export interface MemoryStorage extends Storage {
  /**
   * The disk as a power cut may leave it. Of the changes of each file since its last sync, and of the names in each
   * folder since its last sync, some first ones are there and the rest are not; the last write that is there may be
   * torn: cut anywhere, or of full length with zeros from anywhere on. Files and folders are independent of each other.
   */
  crash(random: Random): MemoryStorage
  /** The `nth` call of this kind from now on (1 is the next) fails with an error of this code; a write half done. */
  failNext(call: FaultyCall, code: string, nth?: number): void
  /** Changes the room on the disk: what does not fit is written as far as it fits, then ENOSPC. */
  setSpace(bytes: number): void
}

export type FaultyCall = 'open' | 'read' | 'write' | 'sync' | 'syncFolder' | 'truncate' | 'remove' | 'rename'

export function memoryStorage(options: { space?: number } = {}): MemoryStorage {
  return new MemoryDisk(options.space ?? Number.POSITIVE_INFINITY, [resolve('/')], new Map())
}

interface NameChange {
  readonly name: string
  /** Undefined: the name is gone. */
  readonly file: MemoryFile | undefined
}

class MemoryDisk implements MemoryStorage {
  #space: number
  #made = 0
  readonly #folders: Set<string>
  readonly #names: Map<string, MemoryFile>
  readonly #durableNames: Map<string, MemoryFile>
  /** Folder -> what changed in it since its last sync, a rename being one change. */
  readonly #unsynced = new Map<string, (readonly NameChange[])[]>()
  readonly #locked = new Set<string>()
  readonly #faults = new Set<{ readonly call: FaultyCall; readonly code: string; left: number }>()

  constructor(space: number, folders: Iterable<string>, names: ReadonlyMap<string, MemoryFile>) {
    this.#space = space
    this.#folders = new Set(folders)
    this.#names = new Map(names)
    this.#durableNames = new Map(names)
  }

  async open(path: string, mode: OpenMode): Promise<StoredFile> {
    this.check('open', path)
    const name = resolve(path)
    if (this.#folders.has(name)) throw systemError('EISDIR', 'open', path)
    if (mode === 'create' && this.#names.has(name)) throw systemError('EEXIST', 'open', path)
    const makes = mode === 'create' || mode === 'ensure'
    const file = makes && !this.#names.has(name) ? this.#make(name) : this.#find(name)
    return new MemoryHandle(this, file, path, mode !== 'read')
  }

  async stat(path: string): Promise<FileStat | undefined> {
    const absolute = resolve(path)
    return this.#folders.has(absolute) ? folderAt(absolute) : this.#names.get(absolute)?.stat()
  }

  async list(folder: string): Promise<Entry[]> {
    if (!this.#folders.has(resolve(folder))) throw systemError('ENOENT', 'scandir', folder)
    const entries = (paths: Iterable<string>, kind: Entry['kind']) =>
      [...paths].filter((path) => isIn(folder, path)).map((path) => ({ name: basename(path), kind }))
    return [...entries(this.#folders, 'folder'), ...entries(this.#names.keys(), 'file')]
  }

  async makeFolder(folder: string): Promise<boolean> {
    const made = !this.#folders.has(resolve(folder))
    for (let one = resolve(folder); !this.#folders.has(one); one = dirname(one)) this.#folders.add(one)
    return made
  }

  async rename(from: string, to: string): Promise<void> {
    this.check('rename', from)
    this.#change([
      { name: resolve(to), file: this.#find(from) },
      { name: resolve(from), file: undefined },
    ])
  }

  async remove(path: string): Promise<void> {
    this.check('remove', path)
    this.#find(path)
    this.#change([{ name: resolve(path), file: undefined }])
  }

  async syncFolder(folder: string): Promise<void> {
    this.check('syncFolder', folder)
    for (const change of this.#unsynced.get(resolve(folder)) ?? []) applyNames(this.#durableNames, change)
    this.#unsynced.delete(resolve(folder))
  }

  async realPath(path: string): Promise<string> {
    if (!this.#folders.has(resolve(path))) this.#find(path)
    return resolve(path)
  }

  async freeBytes(): Promise<number> {
    return this.room()
  }

  async lock(folder: string): Promise<FolderLock | undefined> {
    const name = resolve(folder)
    if (this.#locked.has(name)) return undefined
    this.#locked.add(name)
    return {
      release: async () => {
        this.#locked.delete(name)
      },
    }
  }

  watch(): undefined {
    return undefined
  }

  crash(random: Random): MemoryStorage {
    const names = new Map(this.#durableNames)
    for (const changes of this.#unsynced.values()) {
      for (const change of firstFew(changes, random)) applyNames(names, change)
    }
    const files = new Map([...new Set(names.values())].map((file) => [file, file.crash(random)]))
    for (const [name, file] of names) names.set(name, files.get(file) as MemoryFile)
    return new MemoryDisk(this.#space, this.#folders, names)
  }

  failNext(call: FaultyCall, code: string, nth = 1): void {
    this.#faults.add({ call, code, left: nth })
  }

  setSpace(bytes: number): void {
    this.#space = bytes
  }

  /** Throws when a fault of this call is due. */
  check(call: FaultyCall, path: string): void {
    for (const fault of this.#faults) {
      if (fault.call !== call || --fault.left > 0) continue
      this.#faults.delete(fault)
      throw systemError(fault.code, call, path)
    }
  }

  room(): number {
    const used = [...new Set(this.#names.values())].reduce((sum, file) => sum + file.content.length, 0)
    return Math.max(0, this.#space - used)
  }

  #find(path: string): MemoryFile {
    const file = this.#names.get(resolve(path))
    if (file === undefined) throw systemError('ENOENT', 'open', path)
    return file
  }

  #make(name: string): MemoryFile {
    if (!this.#folders.has(dirname(name))) throw systemError('ENOENT', 'open', name)
    const file = new MemoryFile(`memory:${++this.#made}`)
    this.#change([{ name, file }])
    return file
  }

  #change(change: readonly [NameChange, ...NameChange[]]): void {
    const folder = dirname(change[0].name)
    this.#unsynced.set(folder, [...(this.#unsynced.get(folder) ?? []), change])
    applyNames(this.#names, change)
  }
}

class MemoryHandle implements StoredFile {
  readonly #disk: MemoryDisk
  readonly #file: MemoryFile
  readonly #path: string
  readonly #writable: boolean
  #open = true

  constructor(disk: MemoryDisk, file: MemoryFile, path: string, writable: boolean) {
    this.#disk = disk
    this.#file = file
    this.#path = path
    this.#writable = writable
  }

  async read(target: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    this.#refuseUnless(this.#open, 'read')
    this.#disk.check('read', this.#path)
    return this.#file.content.copy(target, offset, position, position + length)
  }

  /** Half of a write that fails is there; of one that does not fit, what fits. */
  async write(chunks: readonly Uint8Array[], position: number): Promise<void> {
    this.#refuseUnless(this.#open && this.#writable, 'write')
    const bytes = Buffer.concat(chunks)
    try {
      this.#disk.check('write', this.#path)
    } catch (error) {
      this.#file.write(bytes.subarray(0, bytes.length >> 1), position)
      throw error
    }
    const end = Math.min(position + bytes.length, this.#file.content.length + this.#disk.room())
    if (end > position) this.#file.write(bytes.subarray(0, end - position), position)
    if (end < position + bytes.length) throw systemError('ENOSPC', 'write', this.#path)
  }

  async sync(): Promise<void> {
    this.#refuseUnless(this.#open, 'sync')
    this.#disk.check('sync', this.#path)
    this.#file.sync()
  }

  async truncate(length: number): Promise<void> {
    this.#refuseUnless(this.#open && this.#writable, 'truncate')
    this.#disk.check('truncate', this.#path)
    this.#file.truncate(length)
  }

  async stat(): Promise<FileStat> {
    return this.#file.stat()
  }

  async close(): Promise<void> {
    this.#refuseUnless(this.#open, 'close')
    this.#open = false
  }

  #refuseUnless(allowed: boolean, call: string): void {
    if (!allowed) throw systemError('EBADF', call, this.#path)
  }
}

/** Its path tells it from every other folder. */
function folderAt(path: string): FileStat {
  return { kind: 'folder', size: 0, inode: `memory:${path}`, createdMs: 0, modifiedMs: 0 }
}

function applyNames(names: Map<string, MemoryFile>, change: readonly NameChange[]): void {
  for (const { name, file } of change) {
    if (file === undefined) names.delete(name)
    else names.set(name, file)
  }
}

function isIn(folder: string, path: string): boolean {
  return path !== dirname(path) && dirname(path) === resolve(folder)
}

function systemError(code: string, call: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${call} '${path}'`), { code, syscall: call, path })
}
