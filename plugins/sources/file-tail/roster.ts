import { dirname } from 'node:path'
import type { Clock, FileStat, Storage } from '../../../engine/plugin.ts'
import { type Found, findFiles, isWithin, type Pattern, type Survey } from '../../shared/find-files.ts'
import type { History, HistoryFile } from './history.ts'
import type { LineReader } from './line-reader.ts'
import { type FilePosition, lastingKey, type Place } from './position.ts'
import { missedBetween, type Sibling } from './rotation.ts'
import { siblingsOf, statAt } from './siblings.ts'
import { putInOrder } from './succession.ts'
import { TailedFile } from './tailed-file.ts'

/** What the roster is made of. */
export interface RosterParts {
  readonly storage: Storage
  readonly clock: Clock
  readonly patterns: readonly Pattern[]
  readonly exclude: (path: string) => boolean
  /** The committed positions, by partition. */
  readonly remembered: ReadonlyMap<string, FilePosition>
  /** Whether a partition has a committed position. */
  readonly isCommitted: (partition: string) => boolean
  readonly reader: (place?: Place) => LineReader
  /** Files that the first look finds are read from their present end on. */
  readonly skipFirst: boolean
  /** Where files begin that the first look finds, and what comes before them. */
  readonly history: History | undefined
  /** Files of one path that are known from the last run are read one after the other. */
  readonly inOrder: boolean
  /** While a file is open, no other can have its inode. */
  readonly isOpen: (file: TailedFile) => boolean
  /** A file will never be seen again. */
  readonly gone: (file: TailedFile) => void
}

/** Which files there are, what they are called now, and which comes after which. */
export class Roster {
  readonly #parts: RosterParts
  readonly #files = new Map<string, TailedFile>()
  /** Committed and not seen yet, by lasting key. */
  readonly #remembered = new Map<string, { readonly partition: string; readonly position: FilePosition }>()
  /** Who was at a matched path last. */
  readonly #occupants = new Map<string, TailedFile>()
  /** By path, the youngest file that was read there in the last run. */
  readonly #lastAt = new Map<string, { readonly createdMs: number }>()
  #first = true
  /** Seen in this look. */
  readonly #seen = new Set<TailedFile>()
  readonly #changed = new Set<TailedFile>()
  readonly #siblings = new Map<string, readonly Sibling[]>()

  constructor(parts: RosterParts) {
    this.#parts = parts
    for (const [partition, position] of parts.remembered) {
      this.#remembered.set(lastingKey(position), { partition, position })
      const youngest = this.#lastAt.get(position.path)
      if (!(youngest && youngest.createdMs > position.createdMs)) this.#lastAt.set(position.path, position)
    }
  }

  get files(): readonly TailedFile[] {
    return [...this.#files.values()]
  }

  /** The folders in which something may happen. */
  foldersOf(survey: Survey): ReadonlySet<string> {
    const ofFiles = this.files.flatMap(({ path, where }) => [dirname(path), dirname(where ?? path)])
    return new Set([...survey.folders, ...ofFiles])
  }

  /** Looks at all paths and files. `changed` are those that may have something to read. */
  async look(): Promise<{ survey: Survey; changed: ReadonlySet<TailedFile> }> {
    const { patterns, exclude, storage } = this.#parts
    for (const notes of [this.#seen, this.#changed, this.#siblings]) notes.clear()
    const survey = await findFiles(patterns, exclude, storage)
    for (const found of survey.found) await this.#meet(found)
    for (const { position } of [...this.#remembered.values()]) await this.#searchRemembered(position)
    for (const file of this.files) {
      if (!this.#seen.has(file)) await this.#search(file, survey)
    }
    this.#noteReplaced()
    const isAgain = this.#first && this.#parts.history === undefined
    if (isAgain && this.#parts.inOrder) putInOrder(this.files, this.#occupants, this.#parts.clock.monotonic())
    this.#first = false
    return { survey, changed: this.#changed }
  }

  /** The file is gone for good. */
  remove(file: TailedFile): void {
    file.finished = true
    if (this.#files.get(file.inode) === file) this.#files.delete(file.inode)
    if (this.#occupants.get(file.path) === file) this.#occupants.delete(file.path)
    this.#changed.delete(file)
    this.#parts.gone(file)
  }

  /** Gives up the committed files that were not found, and says which. */
  forgetLost(): readonly string[] {
    const partitions = [...this.#remembered.values()].map(({ partition }) => partition)
    this.#remembered.clear()
    return partitions
  }

  async #meet({ path, stat }: Found): Promise<void> {
    const known = this.#recognise(stat)
    if (known === undefined) return this.#welcome({ path, stat })
    const isFirstSight = !this.#seen.has(known)
    this.#sight(known, path, stat)
    if (path === known.path && this.#occupants.get(path) !== known) this.#welcomeBack(known)
    this.#occupants.set(path, known)
    if (isFirstSight && known.link !== path) await this.#resolveLinks(known, path)
  }

  /** A file whose path has become another's; after a restart, only the names tell. */
  #noteReplaced(): void {
    for (const file of this.files) {
      const occupant = this.#occupants.get(file.path) ?? file
      if (occupant !== file && this.#seen.has(occupant)) file.replacedAt ??= this.#parts.clock.monotonic()
    }
  }

  #welcomeBack(file: TailedFile): void {
    const next = file.returned()
    if (next !== undefined) this.#changed.add(next)
  }

  /** Who has this inode, or had it in the last run (F-3). */
  #recognise(stat: FileStat): TailedFile | undefined {
    const file = this.#files.get(stat.inode)
    const isSame = file !== undefined && (file.createdMs === stat.createdMs || this.#parts.isOpen(file))
    if (isSame) return file
    // The inode of a file that vanished while it was closed now belongs to another (FT-03).
    if (file !== undefined) this.remove(file)
    return this.#adopt(stat)
  }

  #adopt(stat: FileStat): TailedFile | undefined {
    const key = lastingKey(stat)
    const known = this.#remembered.get(key)
    if (known === undefined) return undefined
    this.#remembered.delete(key)
    const { partition, position } = known
    const lines = this.#parts.reader(position)
    const { path, where, packed = false } = position
    const file = new TailedFile({ path, where, stat, lines, partition, packed })
    file.announced = this.#parts.isCommitted(partition)
    this.#enter(file, stat)
    return file
  }

  /** A file that was never read, with those that came and went at its path since the last look (FT-04). */
  async #welcome(found: Found): Promise<void> {
    const { path, stat } = found
    if (this.#first && this.#parts.history !== undefined)
      return this.#enterHistory(await this.#parts.history(path), path)
    const occupant = this.#occupants.get(path)
    const last = occupant ?? this.#lastAt.get(path)
    const siblings = last === undefined ? [] : await this.#siblingsOf(path)
    const missed = missedBetween(siblings, (sibling) => this.#sightIfKnown(sibling) !== undefined, last)
    const newest = siblings.findLast((sibling) => this.#files.has(sibling.stat.inode))
    let previous = occupant ?? (newest && this.#files.get(newest.stat.inode))
    // It may have been rotated away itself, since it was found, and others after it.
    const isMissed = missed.some((sibling) => sibling.stat.inode === stat.inode)
    for (const each of isMissed ? missed : [...missed, found]) {
      previous = this.#add(each, path, previous)
      this.#occupants.set(path, previous)
    }
    if (previous !== undefined && !isMissed) await this.#resolveLinks(previous, path)
  }

  #enterHistory(files: readonly HistoryFile[], path: string): void {
    let previous: TailedFile | undefined
    for (const file of files) previous = this.#add(file, path, previous)
  }

  #add(found: Found & Partial<HistoryFile>, path: string, previous: TailedFile | undefined): TailedFile {
    const { place, packed = false, stat } = found
    const file = new TailedFile({ path, where: found.path, stat, lines: this.#parts.reader(place), packed })
    file.skipping = this.#first && this.#parts.skipFirst
    if (previous !== undefined) {
      previous.replacedBy(file, this.#parts.clock.monotonic())
      this.#changed.add(previous)
    }
    this.#enter(file, found.stat)
    this.#sight(file, found.path, found.stat)
    return file
  }

  #enter(file: TailedFile, stat: FileStat): void {
    this.#files.set(stat.inode, file)
    this.#changed.add(file)
  }

  /** The first path of a look counts, so that a file with two names does not seem to move. */
  #sight(file: TailedFile, path: string, stat: FileStat): void {
    if (this.#seen.has(file)) return
    this.#seen.add(file)
    if (file.sighted(path, stat)) this.#changed.add(file)
  }

  #sightIfKnown({ path, stat }: Found): TailedFile | undefined {
    const file = this.#recognise(stat)
    if (file !== undefined) this.#sight(file, path, stat)
    return file
  }

  async #searchRemembered(position: FilePosition): Promise<void> {
    const path = position.where
    const stat = await statAt(path, this.#parts.storage)
    if (stat !== undefined && lastingKey(stat) === lastingKey(position)) return void this.#sightIfKnown({ path, stat })
    await this.#searchSiblings(position, [position.path, position.where], (sibling) => {
      return lastingKey(sibling.stat) === lastingKey(position)
    })
  }

  /** A file that is at no matched path: where it was, or by a rotated name (FT-01). */
  async #search(file: TailedFile, survey: Survey): Promise<void> {
    const { where, path } = file
    const stat = where === undefined ? undefined : await statAt(where, this.#parts.storage)
    if (where !== undefined && stat?.inode === file.inode) return this.#sight(file, where, stat)
    await this.#searchSiblings(file, [path, where ?? path], (sibling) => sibling.stat.inode === file.inode)
    const isHidden = [...survey.unreadable.keys()].some((each) => isWithin(each, path) || isWithin(each, where ?? path))
    if (this.#seen.has(file)) return
    // What cannot be seen is not gone; and if it is open, it can still be read (FT-10).
    if (isHidden) this.#changed.add(file)
    else file.missing(this.#parts.clock.monotonic())
  }

  async #searchSiblings(
    { packed }: { readonly packed?: boolean },
    paths: readonly string[],
    isIt: (sibling: Sibling) => boolean,
  ): Promise<void> {
    for (const path of new Set(paths)) {
      const all = packed ? siblingsOf(path, this.#parts.storage, 'packed') : this.#siblingsOf(path)
      const sibling = (await all).find(isIt)
      if (sibling !== undefined && this.#sightIfKnown(sibling) !== undefined) return
    }
  }

  async #siblingsOf(path: string): Promise<readonly Sibling[]> {
    const known = this.#siblings.get(path)
    if (known !== undefined) return known
    const siblings = await siblingsOf(path, this.#parts.storage)
    this.#siblings.set(path, siblings)
    return siblings
  }

  /** The target of a link is found again when the link leads elsewhere (FT-11). */
  async #resolveLinks(file: TailedFile, path: string): Promise<void> {
    const real = await this.#parts.storage.realPath(path).catch(() => path)
    file.link = path
    file.where = real
  }
}
