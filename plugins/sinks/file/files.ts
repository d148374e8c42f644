import { dirname } from 'node:path'
import type { FileStat } from '../../../engine/plugin.ts'
import { isMoved, verify } from './changes.ts'
import { asSinkFault, cannotCreate, notDurable, systemError } from './faults.ts'
import type { Intents } from './intents.ts'
import { type MakingParts, makeFile } from './making.ts'
import { type OutputFile, startSync } from './output-file.ts'
import { NO_BYTES, readStart, startOf } from './start.ts'
import { type FileMark, type FileState, markOf } from './state.ts'

export interface OutputFilesParts extends MakingParts {
  readonly intents: Intents
  readonly maxOpen: number
  /** Bytes of the beginning of each file that are kept in mind. */
  readonly startBytes: number
  /** Throws when the path, links followed, is outside of the folder that it must stay in. */
  readonly guard: (path: string) => Promise<void>
  /** Is told that a file was moved away, and another is made in its place. Undefined: that is an error. */
  readonly moved: ((path: string) => void) | undefined
}

/**
 * The files of one sink, some of them open, and what a checkpoint must say about them: its length for every file that
 * was touched since the last committed state, or is open. A file is first written after an intent is durable that says
 * how it was, unless the last state names it; so the state stays small however many files there are.
 */
export class OutputFiles {
  readonly #parts: OutputFilesParts
  #maxOpen: number
  /** By path, the one that was used last at the end. */
  readonly #open = new Map<string, OutputFile>()
  /** Closed since they were last covered by a committed state. */
  readonly #closed = new Map<string, FileMark>()
  /** Folders with names that are not durable yet. */
  #newNames = new Set<string>()
  /** What the last state says, committed or not, and the paths of the intents that came after it. */
  #latest: FileState = { files: {}, intents: 0 }
  #intended = new Set<string>()
  /** Only the last state names them, and it may never be committed: they were open then, but never written. */
  #onlyNoted = new Set<string>()
  /** Undefined: what is there is kept. */
  #emptied: Set<string> | undefined

  constructor(parts: OutputFilesParts) {
    this.#parts = parts
    this.#maxOpen = parts.maxOpen
  }

  get maxOpen(): number {
    return this.#maxOpen
  }

  /** The limit of the process is lower than ours: from now on half of what is open must do, which leaves it some room. */
  async openFewer(): Promise<void> {
    this.#maxOpen = Math.max(1, this.#open.size >> 1)
    await this.#makeRoom()
  }

  /** Files come back as this state has them. `overwrite`: what was there before goes when a file is first opened. */
  begin(state: FileState | undefined, options: { readonly overwrite: boolean }): void {
    this.#latest = state ?? { files: {}, intents: 0 }
    this.#emptied = options.overwrite ? new Set() : undefined
  }

  /** The open file; the one that was not used for longest is closed for it. */
  async open(path: string): Promise<OutputFile> {
    const known = await this.#present(path)
    if (known !== undefined) this.#open.delete(path)
    else await this.#makeRoom()
    const file = known ?? (await this.#openFile(path))
    this.#open.set(path, file)
    return file
  }

  /** The file of the path, if it is open; one that was moved away is finished, and not ours any more. */
  async #present(path: string): Promise<OutputFile | undefined> {
    const { moved, storage } = this.#parts
    const file = this.#open.get(path)
    if (file === undefined || moved === undefined) return file
    if (this.#isInPlace(path, file, await storage.stat(path))) return file
    moved(path)
    await this.#close(file)
    // The one that takes its place needs an intent of its own.
    const { [path]: _, ...files } = this.#latest.files
    this.#latest = { ...this.#latest, files }
    this.#intended.delete(path)
    return undefined
  }

  /** False: it was moved away, and that is no error here. */
  #isInPlace(path: string, mark: FileMark, found: FileStat | undefined): boolean {
    if (this.#parts.moved !== undefined && isMoved(mark, found)) return false
    verify(path, mark, found)
    return true
  }

  /** Makes it possible to undo what will be written to these files. One sync for all of them. */
  async protect(files: readonly OutputFile[]): Promise<void> {
    const bare = files.filter(({ path }) => !this.#canBeUndone(path))
    if (bare.length === 0) return
    await this.#parts.intents.record(
      bare.map(({ path, inode, length, isNew }) => ({ path, inode, length: isNew ? null : length })),
    )
    for (const { path } of bare) this.#intended.add(path)
  }

  #canBeUndone(path: string): boolean {
    return this.#intended.has(path) || (Object.hasOwn(this.#latest.files, path) && !this.#onlyNoted.has(path))
  }

  async append(file: OutputFile, chunks: readonly Uint8Array[]): Promise<void> {
    file.dirty = true
    try {
      await file.handle.write(chunks, file.length)
    } catch (error) {
      throw asSinkFault(error, file.path)
    }
    if (file.length === 0) file.start = startOf(chunks, this.#parts.startBytes)
    file.length += chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  }

  /** Takes back what came after `length`, also half a write (F-7). */
  async cutBack(path: string, length: number): Promise<void> {
    const file = this.#open.get(path) ?? (await this.open(path))
    // Another one, in the place of one that was moved away.
    if (file.length < length) return
    await file.handle.truncate(length)
    file.length = length
    if (length === 0) file.start = NO_BYTES
    file.dirty = true
  }

  /** The state as it is now, and a promise for the time when it is durable and known to be true. */
  flush(): { readonly state: FileState; readonly durable: Promise<void> } {
    const state = this.#note()
    return { state, durable: this.#makeDurable(state) }
  }

  /** What a committed state covers needs no more mention. */
  committed(state: FileState): void {
    for (const path of Object.keys(state.files)) this.#onlyNoted.delete(path)
    for (const [path, { length }] of this.#closed) {
      if (markOf(state, path)?.length === length) this.#closed.delete(path)
    }
  }

  async close(): Promise<void> {
    for (const file of this.#open.values()) {
      await file.syncing.catch(() => {})
      await file.handle.close()
    }
    this.#open.clear()
  }

  async #openFile(path: string): Promise<OutputFile> {
    const { storage, guard } = this.#parts
    await guard(path)
    const found = await storage.stat(path)
    if (found !== undefined && found.kind !== 'file') throw systemError(found.kind === 'folder' ? 'EISDIR' : 'ENODEV')
    const closed = this.#closed.get(path)
    const mark = closed !== undefined && this.#isInPlace(path, closed, found) ? closed : undefined
    const handle = found === undefined ? await makeFile(path, this.#parts) : await storage.open(path, 'edit')
    if (found === undefined) this.#newNames.add(dirname(path))
    try {
      const { inode, size } = await handle.stat()
      const length = mark?.length ?? size
      const isNew = found === undefined
      this.#refuseAlias(path, inode)
      const file = { path, inode, handle, length, start: NO_BYTES, isNew, dirty: false, syncing: Promise.resolve() }
      await this.#emptyOnce(file)
      file.start = await readStart(handle, Math.min(file.length, this.#parts.startBytes))
      this.#closed.delete(path)
      return file
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  /** Two paths that links make one file would each overwrite what the other appends. */
  #refuseAlias(path: string, inode: string): void {
    const others = [...this.#open, ...this.#closed].filter(([other]) => other !== path)
    const alias = others.find(([, mark]) => mark.inode === inode)
    if (alias !== undefined) throw systemError('ELOOP', `is the same file as ${alias[0]}`)
  }

  /** Where files are overwritten, at their first opening after the first start. */
  async #emptyOnce(file: OutputFile): Promise<void> {
    const emptied = this.#emptied
    if (emptied === undefined || emptied.has(file.path)) return
    if (emptied.size === MAX_EMPTIED) {
      const limit = `mode overwrite takes no more than ${MAX_EMPTIED} files: write to an empty folder with mode append`
      throw cannotCreate(new Error(limit), file.path)
    }
    if (file.length > 0) {
      await file.handle.truncate(0)
      file.length = 0
      file.dirty = true
    }
    emptied.add(file.path)
  }

  async #makeRoom(): Promise<void> {
    for (const [path, file] of this.#open) {
      if (this.#open.size < this.#maxOpen) return
      if (file.dirty) startSync(file)
      await file.syncing
      const mark = { inode: file.inode, length: file.length }
      if (this.#isInPlace(path, mark, await this.#parts.storage.stat(path))) this.#closed.set(path, mark)
      await this.#close(file)
    }
  }

  async #close(file: OutputFile): Promise<void> {
    if (file.dirty) startSync(file)
    await file.syncing
    this.#open.delete(file.path)
    await file.handle.close()
  }

  #note(): FileState {
    const open = [...this.#open.values()].map(({ path, inode, length }) => [path, { inode, length }] as const)
    const state = { files: Object.fromEntries([...this.#closed, ...open]), intents: this.#parts.intents.next }
    for (const file of this.#open.values()) file.isNew = false
    this.#onlyNoted = new Set(Object.keys(state.files).filter((path) => !this.#canBeUndone(path)))
    this.#latest = state
    this.#intended = new Set()
    return state
  }

  /** F-1: content and names before the state. */
  async #makeDurable(state: FileState): Promise<void> {
    const { storage } = this.#parts
    const open = [...this.#open.values()]
    const folders = this.#newNames
    this.#newNames = new Set()
    for (const file of open) if (file.dirty) startSync(file)
    await Promise.all([...open.map(({ syncing }) => syncing), ...[...folders].map((folder) => this.#syncNames(folder))])
    await Promise.all(
      open.map(async ({ path }) => this.#isInPlace(path, markOf(state, path) as FileMark, await storage.stat(path))),
    )
  }

  async #syncNames(folder: string): Promise<void> {
    try {
      await this.#parts.storage.syncFolder(folder)
    } catch (error) {
      throw notDurable(folder, error)
    }
  }
}

/** Paths are kept to know what was emptied: that many take some 20 MB. */
const MAX_EMPTIED = 100_000
