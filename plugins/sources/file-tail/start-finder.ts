import type TailFile from 'tail-file'
import { errorCode, type FileStat, type Storage, type StoredFile } from '../../../engine/plugin.ts'
import { isPacked, unpacked } from './unpacked.ts'

/** Where reading begins: in a file, and then in those that came after it. */
export interface Start {
  /** The oldest first; the last one is the file that is written to. */
  readonly files: readonly Visited[]
  /** In the first of them. */
  readonly offset: number
  readonly line: number
}

export interface Visited {
  readonly path: string
  readonly stat: FileStat
}

export interface Search {
  readonly path: string
  readonly storage: Storage
  readonly stopping: AbortSignal
  /** Whether a line, its bytes as latin1, is at or after the start; undefined for one without a time. */
  readonly isAfter: (line: string) => boolean | undefined
}

/**
 * The first line at or after a time in a file and its rotated ones, by the search of the package `tail-file`: which files
 * there are (it asks the disk itself, by `fs.access` and `fs.stat`), in which order they are searched and when to stop is
 * its; how their bytes are read is ours, because of gzip, memory and shutdown. Undefined when the search was stopped or
 * there is no file.
 *
 * What the package does otherwise: of equal times it takes those in the newest file only, and when all lines are older
 * it reads the newest file again from its beginning.
 */
export async function findStart(search: Search): Promise<Start | undefined> {
  const { default: Tail } = await import('tail-file')
  const finder = new (finderClass(Tail))(search)
  try {
    await finder.findStart({ [Symbol.match]: (line) => verdictOf(search.isAfter(line)) }, Number)
  } catch (error) {
    if (!ANSWERS.has(errorCode(error) ?? '')) throw error
  } finally {
    await finder.leave()
  }
  return search.stopping.aborted ? undefined : finder.start
}

/** How the package says that the start is not in a file, or in none; and how we say that it is to give up. */
const ANSWERS: ReadonlySet<string> = new Set(['NOTFOUND', 'TARGETOLDER', 'ENOENT', 'STOPPED'])

/** Negative: the start is before this line. Never 0, which would end the search though lines before may be equal. */
function verdictOf(isAfter: boolean | undefined): [string, string] | null {
  return isAfter === undefined ? null : ['', isAfter ? '-1' : '1']
}

const BEGINNING = { offset: 0, line: 1 }
const READ_BYTES = 64 * 1024

/** The package is loaded only where it is used, so the class is made there. */
function finderClass(Tail: typeof TailFile) {
  return class Finder extends Tail {
    readonly #search: Search
    /** Files that exist, the newest first. */
    readonly #visited: Visited[] = []
    #answer: Pick<Start, 'offset' | 'line'> | 'older' | 'newer' = 'older'
    #file: StoredFile | undefined
    #at = 0
    #isReading = false
    #lines = 0
    /** Bytes of the present line that were not kept. */
    #dropped = 0
    /** Where the last whole line ended. */
    #end: Pick<Start, 'offset' | 'line'> | undefined

    constructor(search: Search) {
      super(search.path, { encoding: 'latin1' })
      this.#search = search
      // Else the package prints what it throws.
      this.on('error', () => {})
    }

    get start(): Start | undefined {
      const [newest] = this.#visited
      if (newest === undefined) return undefined
      const files = this.#visited.toReversed()
      if (typeof this.#answer === 'object') return { files, ...this.#answer }
      if (this.#answer === 'older') return { files, ...BEGINNING }
      // Every line of the oldest one that was searched is before the start.
      return files.length === 1 ? { files, ...(this.#end ?? BEGINNING) } : { files: files.slice(1), ...BEGINNING }
    }

    async leave(): Promise<void> {
      await this.#file?.close()
      this.#file = undefined
    }

    override async findStartInFile(
      ...[path, match, compare]: Parameters<TailFile['findStartInFile']>
    ): Promise<string> {
      await this.#enter(path)
      try {
        const line = await super.findStartInFile(path, match, compare)
        this.#answer = { offset: this.posLast, line: this.#lines }
        return line
      } catch (error) {
        if (errorCode(error) !== 'NOTFOUND') throw error
        this.#answer = 'newer'
        throw this.#visited.length > 1 ? error : new Answer('STOPPED')
      }
    }

    /** Our own reader reads on. */
    override async startP(): Promise<boolean> {
      return true
    }

    override getLine(): void {
      const before = this.posNext
      super.getLine()
      if (this.posNext === before) return
      this.#lines += 1
      this.posNext += this.#dropped
      this.#dropped = 0
    }

    override readStuff(): void {
      if (this.#isReading) return
      this.#isReading = true
      const done = (act: () => void) => {
        this.#isReading = false
        act()
      }
      this.#read().then(
        (chunk) => done(() => (chunk === null ? this.#takeRest() : this.#take(chunk))),
        (error: Error) => done(() => this.onLine(error)),
      )
    }

    async #enter(path: string): Promise<void> {
      await this.leave()
      const file = await this.#search.storage.open(path, 'read')
      this.#file = isPacked(path) ? unpacked(file) : file
      this.#visited.push({ path, stat: await file.stat() })
      this.#at = this.#lines = this.#dropped = 0
      this.#end = undefined
    }

    async #read(): Promise<Buffer | null> {
      if (this.#search.stopping.aborted || this.#file === undefined) throw new Answer('STOPPED')
      const buffer = Buffer.allocUnsafe(READ_BYTES)
      const count = await this.#file.read(buffer, 0, READ_BYTES, this.#at)
      this.#at += count
      return count === 0 ? null : buffer.subarray(0, count)
    }

    /** No whole line is left of what was read before. */
    #take(chunk: Buffer): void {
      const excess = this.txt.length - READ_BYTES
      // A line may be longer than memory (I-6); its time stands at its beginning.
      if (excess > 0) {
        this.txt = this.txt.slice(0, READ_BYTES)
        this.#dropped += excess
      }
      this.decode(chunk)
    }

    /** A last line without a newline is a line too. */
    #takeRest(): void {
      this.#end ??= { offset: this.posNext, line: this.#lines + 1 }
      this.decode(this.txt === '' ? null : NEWLINE)
    }
  }
}

const NEWLINE = Buffer.from('\n')

/** An outcome, in the way that the package tells them apart. */
class Answer extends Error {
  readonly code: string

  constructor(code: string) {
    super(code)
    this.code = code
  }
}
