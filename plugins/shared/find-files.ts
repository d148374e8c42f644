import { basename, dirname, join, resolve, sep } from 'node:path'
import picomatch from 'picomatch'
import { errorCode, type FileStat, type Storage } from '../../engine/plugin.ts'

/** A path or a glob of the options, made absolute. */
export interface Pattern {
  readonly glob: string
  /** The folder where its search begins: what stands before the first wildcard. */
  readonly base: string
  /** How many folders deep; 0 for a plain path, which is not searched for. */
  readonly depth: number
  readonly matches: (path: string) => boolean
}

export interface Found {
  readonly path: string
  readonly stat: FileStat
}

/** What a search has found. */
export interface Survey {
  /** A file and its rotated names are in this order: shorter paths first. */
  readonly found: readonly Found[]
  /** Patterns without a file. */
  readonly unmatched: readonly string[]
  /** The folders that were looked into. */
  readonly folders: ReadonlySet<string>
  /** Folders and files that could not be looked at: what is there is not known. Path -> error code. */
  readonly unreadable: ReadonlyMap<string, string>
}

export function patternOf(path: string): Pattern {
  const glob = resolve(path)
  const { base, isGlob, glob: rest } = picomatch.scan(glob)
  if (!isGlob) return { glob, base: dirname(glob), depth: 0, matches: (each) => each === glob }
  // Two stars reach any depth, and so may what is in braces and parentheses.
  const depth = /\*\*|[{(]/.test(rest) ? Number.POSITIVE_INFINITY : rest.split('/').length
  return { glob, base, depth, matches: picomatch(glob) }
}

/** All files that the patterns match, each once; none that is compressed. */
export async function findFiles(
  patterns: readonly Pattern[],
  exclude: (path: string) => boolean,
  storage: Storage,
): Promise<Survey> {
  const search = new Search(storage, exclude)
  const unmatched: string[] = []
  for (const pattern of patterns) {
    if (!(await search.run(pattern))) unmatched.push(pattern.glob)
  }
  const found = [...search.found.values()].sort(shorterFirst)
  return { found, unmatched, folders: search.folders, unreadable: search.unreadable }
}

function shorterFirst(a: Found, b: Found): number {
  return a.path.length - b.path.length || (a.path < b.path ? -1 : 1)
}

/** Files that are asked for at the same time. */
const AT_ONCE = 32

class Search {
  readonly found = new Map<string, Found>()
  readonly folders = new Set<string>()
  readonly unreadable = new Map<string, string>()
  readonly #storage: Storage
  readonly #exclude: (path: string) => boolean

  constructor(storage: Storage, exclude: (path: string) => boolean) {
    this.#storage = storage
    this.#exclude = exclude
  }

  /** Says whether anything matches. */
  async run(pattern: Pattern): Promise<boolean> {
    const candidates = pattern.depth === 0 ? [pattern.glob] : await this.#walk(pattern, pattern.base, 1)
    if (pattern.depth === 0) this.folders.add(pattern.base)
    const wanted = candidates.filter((path) => !isCompressed(path) && !this.#exclude(path))
    let count = 0
    for (let index = 0; index < wanted.length; index += AT_ONCE) {
      const stats = await Promise.all(wanted.slice(index, index + AT_ONCE).map((path) => this.#look(path)))
      count += stats.filter((isFile) => isFile).length
    }
    return count > 0
  }

  async #look(path: string): Promise<boolean> {
    const stat = await this.#tolerate(path, () => this.#storage.stat(path))
    if (stat?.kind !== 'file') return false
    this.found.set(path, { path, stat })
    return true
  }

  /** The paths under `folder` that match. */
  async #walk(pattern: Pattern, folder: string, depth: number): Promise<string[]> {
    this.folders.add(folder)
    const entries = (await this.#tolerate(folder, () => this.#storage.list(folder))) ?? []
    const paths: string[] = []
    for (const { name, kind } of entries) {
      const path = join(folder, name)
      if (kind !== 'folder' && pattern.matches(path)) paths.push(path)
      if (depth < pattern.depth && (await this.#isFolder(path, kind, pattern))) {
        paths.push(...(await this.#walk(pattern, path, depth + 1)))
      }
    }
    return paths
  }

  /** Links to folders are followed where the depth is bounded: elsewhere they may lead in a circle. */
  async #isFolder(path: string, kind: string, { depth }: Pattern): Promise<boolean> {
    if (kind !== 'other' || depth === Number.POSITIVE_INFINITY) return kind === 'folder'
    return (await this.#tolerate(path, () => this.#storage.stat(path)))?.kind === 'folder'
  }

  async #tolerate<T>(path: string, look: () => Promise<T>): Promise<T | undefined> {
    try {
      return await look()
    } catch (error) {
      const code = errorCode(error)
      if (code === undefined) throw error
      if (code !== 'ENOENT' && code !== 'ENOTDIR') this.unreadable.set(path, code)
      return undefined
    }
  }
}

/** True when `path` is `folder` or in it. */
export function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`)
}

/** A compressed file is no text, and the file that it was made from has been read before (FT-18). */
export function isCompressed(path: string): boolean {
  return /\.(?:gz|bz2|xz|zst|lz4|lzma|zip|tgz|Z)$/.test(basename(path))
}
