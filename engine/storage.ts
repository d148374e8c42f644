import { close, constants, fdatasync, fstat, fsync, ftruncate, open as openFile, read, watch, writev } from 'node:fs'
import { mkdir, readdir, realpath, rename, stat, statfs, unlink } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { promisify } from 'node:util'
import { type FolderLock, lockFolder } from './folder-lock.ts'

export type { FolderLock } from './folder-lock.ts'

/**
 * Disk as an argument. Only the adapter in this file touches `node:fs`; tests use real folders through it, or
 * `memoryStorage` of streamrun/testing, which can lose what was not synced. Errors are Node's, with `code`
 * (`ENOENT`, `ENOSPC`, ...), in both. Paths are absolute or relative to the working directory.
 */
export interface Storage {
  open(path: string, mode: OpenMode): Promise<StoredFile>
  /** What is at `path`, links followed; undefined when nothing is there. */
  stat(path: string): Promise<FileStat | undefined>
  /** The names in a folder, unsorted; ENOENT when there is none. */
  list(folder: string): Promise<Entry[]>
  /** Makes the folder and its parents, durably; says whether it had to. */
  makeFolder(folder: string): Promise<boolean>
  /** Replaces `to`. Durable only after `syncFolder` of the folder (F-8). */
  rename(from: string, to: string): Promise<void>
  /** Removes a file. Durable only after `syncFolder` of the folder. */
  remove(path: string): Promise<void>
  /** Makes creations, renames and removals in a folder durable. */
  syncFolder(folder: string): Promise<void>
  /** The path with every symbolic link resolved; ENOENT when it does not exist. */
  realPath(path: string): Promise<string>
  /** Bytes that an unprivileged process may still write on the file system of `path`. */
  freeBytes(path: string): Promise<number>
  /** Takes the folder for this process alone; undefined when another has it. Nothing is left of it after kill -9. */
  lock(folder: string): Promise<FolderLock | undefined>
  /** Calls `changed` soon after something in the folder changed: a hint, never a promise. Undefined: no hints here. */
  watch(folder: string, changed: () => void): Watcher | undefined
}

/**
 * `read`: existing, for reading. `edit`: existing, for reading and writing. `create`: made new, EEXIST otherwise.
 * `ensure`: existing or made new, for reading and writing; nothing is cut.
 */
export type OpenMode = 'read' | 'edit' | 'create' | 'ensure'

/** An open file. Every position is an absolute byte offset: there is no cursor. */
export interface StoredFile {
  /** Reads up to `length` bytes of the file at `position` into `target` at `offset`; 0 means the end of the file. */
  read(target: Uint8Array, offset: number, length: number, position: number): Promise<number>
  /** Writes all of the chunks one after the other from `position` on, or throws; then some of them may be there (F-7). */
  write(chunks: readonly Uint8Array[], position: number): Promise<void>
  /** Makes content and length durable. After an error nothing is known about the file: never call it again. */
  sync(): Promise<void>
  truncate(length: number): Promise<void>
  stat(): Promise<FileStat>
  close(): Promise<void>
}

export interface FileStat {
  readonly kind: 'file' | 'folder' | 'other'
  readonly size: number
  /** Device and inode, `dev:ino`: the same for all names of one file, reused by file systems after it is gone. */
  readonly inode: string
  readonly createdMs: number
  readonly modifiedMs: number
}

export interface Entry {
  readonly name: string
  readonly kind: 'file' | 'folder' | 'other'
}

export interface Watcher {
  close(): void
}

/** The file systems of this machine. New files get mode 0640 less the umask (SI-09). */
export function diskStorage(options: { fileMode?: number } = {}): Storage {
  const fileMode = options.fileMode ?? 0o640
  return {
    open: async (path, mode) => diskFile(await openDescriptor(path, OPEN_FLAGS[mode], fileMode)),
    stat: async (path) => {
      try {
        return describe(await stat(path, { bigint: true }))
      } catch (error) {
        if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined
        throw error
      }
    },
    list: async (folder) => {
      const entries = await readdir(folder, { withFileTypes: true })
      return entries.map((entry) => ({ name: entry.name, kind: kindOf(entry) }))
    },
    makeFolder: makeDurableFolder,
    rename,
    remove: unlink,
    syncFolder: syncDiskFolder,
    realPath: (path) => realpath(path),
    freeBytes: async (path) => {
      const { bavail, bsize } = await statfs(path)
      return bavail * bsize
    },
    lock: lockFolder,
    watch: watchFolder,
  }
}

/** The `code` of a system error such as `ENOENT`; undefined for anything else. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

const OPEN_FLAGS: Record<OpenMode, number> = {
  read: constants.O_RDONLY,
  edit: constants.O_RDWR,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
  ensure: constants.O_RDWR | constants.O_CREAT,
}

const openDescriptor = promisify(openFile)
const closeDescriptor = promisify(close)
const syncData = promisify(fdatasync)
const syncAll = promisify(fsync)
const truncateTo = promisify(ftruncate)
const statDescriptor = promisify(fstat)

function diskFile(descriptor: number): StoredFile {
  return {
    read: (target, offset, length, position) =>
      new Promise((resolve, reject) => {
        read(descriptor, target, offset, length, position, (error, count) => (error ? reject(error) : resolve(count)))
      }),
    write: (chunks, position) => writeAll(descriptor, chunks, position),
    sync: () => syncData(descriptor),
    truncate: (length) => truncateTo(descriptor, length),
    stat: async () => describe(await statDescriptor(descriptor, { bigint: true })),
    close: () => closeDescriptor(descriptor),
  }
}

/** The kernel may take fewer bytes than given without an error, and refuses more than IOV_MAX (1,024) pieces. */
async function writeAll(descriptor: number, chunks: readonly Uint8Array[], position: number): Promise<void> {
  let rest = chunks.filter((chunk) => chunk.length > 0)
  let at = position
  while (rest.length > 0) {
    const count = await writeSome(descriptor, rest.slice(0, 1024), at)
    at += count
    rest = skipBytes(rest, count)
  }
}

function writeSome(descriptor: number, chunks: Uint8Array[], position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    writev(descriptor, chunks, position, (error, count) => (error ? reject(error) : resolve(count)))
  })
}

function skipBytes(chunks: readonly Uint8Array[], count: number): Uint8Array[] {
  let skip = count
  let index = 0
  for (; index < chunks.length; index++) {
    const chunk = chunks[index] as Uint8Array
    if (chunk.length > skip) break
    skip -= chunk.length
  }
  const rest = chunks.slice(index)
  if (skip > 0) rest[0] = (rest[0] as Uint8Array).subarray(skip)
  return rest
}

/** A new folder is durable only when its parent's names are: sync each parent that got a new name. */
async function makeDurableFolder(folder: string): Promise<boolean> {
  const absolute = resolve(folder)
  const first = await mkdir(absolute, { recursive: true, mode: 0o750 })
  if (first === undefined) return false
  for (let made = absolute; made.length >= first.length; made = dirname(made)) await syncDiskFolder(dirname(made))
  return true
}

async function syncDiskFolder(folder: string): Promise<void> {
  const descriptor = await openDescriptor(folder, constants.O_RDONLY)
  try {
    await syncAll(descriptor)
  } catch (error) {
    // Some network and FUSE file systems cannot sync a folder; their names are as durable as they make them.
    if (errorCode(error) !== 'EINVAL' && errorCode(error) !== 'ENOTSUP') throw error
  } finally {
    await closeDescriptor(descriptor)
  }
}

function watchFolder(folder: string, changed: () => void): Watcher | undefined {
  try {
    const watcher = watch(folder, { persistent: false }, changed)
    // The folder vanished, or the kernel ran out of watches: the caller polls anyway.
    watcher.on('error', () => watcher.close())
    return watcher
  } catch {
    return undefined
  }
}

interface NodeStat {
  isFile(): boolean
  isDirectory(): boolean
  readonly size: bigint
  readonly dev: bigint
  readonly ino: bigint
  readonly birthtimeMs: bigint
  readonly mtimeMs: bigint
}

function describe(found: NodeStat): FileStat {
  return {
    kind: kindOf(found),
    size: Number(found.size),
    inode: `${found.dev}:${found.ino}`,
    createdMs: Number(found.birthtimeMs),
    modifiedMs: Number(found.mtimeMs),
  }
}

function kindOf(found: { isFile(): boolean; isDirectory(): boolean }): Entry['kind'] {
  if (found.isFile()) return 'file'
  return found.isDirectory() ? 'folder' : 'other'
}
