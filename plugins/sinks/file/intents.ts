import { crc32 } from 'node:zlib'
import { errorCode, type Storage, type StoredFile } from '../../../engine/plugin.ts'
import { asSinkFault, notDurable } from './faults.ts'

/** How a file was before it was first written after a state that does not name it: what undoing that takes. */
export interface Intent {
  /** Counted up for ever: a state says from which number on intents came after it. */
  readonly number: number
  readonly path: string
  readonly inode: string
  /** Its length; null: it was not there, and was made empty just before. */
  readonly length: number | null
}

/**
 * Intents that no committed state covers yet, in the file `intents` of the sink's state folder: one line each, its
 * CRC-32 in hexadecimal, a space, the intent as JSON. What follows the first line that is not whole was never relied on.
 */
export class Intents {
  /** The number of the next intent. */
  next = 0
  readonly #storage: Storage
  readonly #folder: string
  #file: StoredFile | undefined
  #length = 0
  #open: readonly Intent[] = []
  /** Recording and forgetting take turns. */
  #turn: Promise<void> = Promise.resolve()

  constructor(storage: Storage, folder: string) {
    this.#storage = storage
    this.#folder = folder
  }

  /** What an earlier run left behind, oldest first. */
  async load(): Promise<readonly Intent[]> {
    if ((await this.#storage.stat(this.#path)) === undefined) return []
    this.#file = await this.#storage.open(this.#path, 'edit')
    const lines = (await readAll(this.#file)).split('\n').slice(0, -1)
    const intents = lines.map(parseLine)
    const torn = intents.indexOf(undefined)
    this.#open = intents.slice(0, torn === -1 ? undefined : torn).filter((intent) => intent !== undefined)
    this.#startAt((this.#open.at(-1)?.number ?? -1) + 1)
    return this.#open
  }

  /** Everything was undone, durably: the file is empty when it resolves, and numbers go on from `next` at least. */
  async clear(next: number): Promise<void> {
    this.#startAt(next)
    this.#open = []
    this.#length = 0
    await this.#file?.truncate(0)
    await this.#sync()
  }

  /** Durable when it resolves: only then may the files be written. One sync, however many they are. */
  record(intents: readonly Omit<Intent, 'number'>[]): Promise<void> {
    return this.#inTurn(async () => {
      const numbered = intents.map((intent) => ({ number: this.next++, ...intent }))
      await this.#append(Buffer.from(numbered.map(formatLine).join('')))
      this.#open = [...this.#open, ...numbered]
    })
  }

  /**
   * A state that covers the intents before `number` is committed. Need not be durable: the number stands in the state.
   */
  forget(number: number): Promise<void> {
    return this.#inTurn(async () => {
      const left = this.#open.filter((intent) => intent.number >= number)
      if (left.length === this.#open.length) return
      if (left.length === 0) await this.#file?.truncate(0)
      else if (!(await this.#rewrite(left))) return
      this.#open = left
      if (left.length === 0) this.#length = 0
    })
  }

  async close(): Promise<void> {
    await this.#turn
    await this.#file?.close()
    this.#file = undefined
  }

  get #path(): string {
    return `${this.#folder}/intents`
  }

  #startAt(number: number): void {
    this.next = Math.max(this.next, number)
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(act)
    this.#turn = done.catch(() => {})
    return done
  }

  async #append(bytes: Buffer): Promise<void> {
    try {
      this.#file ??= await this.#create()
      await this.#file.write([bytes], this.#length)
    } catch (error) {
      await this.#file?.truncate(this.#length)
      throw asSinkFault(error, this.#path)
    }
    await this.#sync()
    this.#length += bytes.length
  }

  async #create(): Promise<StoredFile> {
    await this.#storage.makeFolder(this.#folder)
    const file = await this.#storage.open(this.#path, 'ensure')
    await this.#storage.syncFolder(this.#folder)
    return file
  }

  async #sync(): Promise<void> {
    try {
      await this.#file?.sync()
    } catch (error) {
      throw notDurable(this.#path, error)
    }
  }

  /** False when the disk is full: the old file does as well. */
  async #rewrite(intents: readonly Intent[]): Promise<boolean> {
    const bytes = Buffer.from(intents.map(formatLine).join(''))
    const path = `${this.#path}.new`
    const file = await this.#storage.open(path, 'ensure')
    try {
      await file.truncate(0)
      await file.write([bytes], 0)
      await file.sync()
    } catch (error) {
      await file.close()
      if (errorCode(error) === 'ENOSPC' || errorCode(error) === 'EDQUOT') return false
      throw notDurable(path, error)
    }
    await this.#storage.rename(path, this.#path)
    await this.#storage.syncFolder(this.#folder)
    await this.#file?.close()
    this.#file = file
    this.#length = bytes.length
    return true
  }
}

function formatLine(intent: Intent): string {
  const json = JSON.stringify(intent)
  return `${checksum(json)} ${json}\n`
}

/** Undefined for a line that is torn. */
function parseLine(line: string): Intent | undefined {
  const json = line.slice(CHECKSUM_DIGITS + 1)
  return line.startsWith(`${checksum(json)} `) ? (JSON.parse(json) as Intent) : undefined
}

const CHECKSUM_DIGITS = 8

function checksum(json: string): string {
  return crc32(json).toString(16).padStart(CHECKSUM_DIGITS, '0')
}

async function readAll(file: StoredFile): Promise<string> {
  const bytes = Buffer.alloc((await file.stat()).size)
  let length = 0
  for (;;) {
    const count = await file.read(bytes, length, bytes.length - length, length)
    length += count
    if (count === 0) return bytes.toString('utf8', 0, length)
  }
}
