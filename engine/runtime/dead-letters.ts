import type { Clock } from '../clock.ts'
import { messageOf, type RecordError, retryable, StreamrunError } from '../errors.ts'
import type { Logger, Sink } from '../plugin.ts'
import type { Header, Json, Origin } from '../record.ts'
import { errorCode, type Storage, type StoredFile } from '../storage.ts'

/** A record that could not be handled, with all that is needed to understand it and to bring it back. */
export interface DeadLetter {
  /** The component that failed it. */
  readonly component: string
  readonly error: RecordError
  readonly origin: Origin
  /** The original bytes, or their beginning when `size` says that there were more. */
  readonly raw: Uint8Array | undefined
  readonly size: number | undefined
  /** The value, where there are no original bytes. */
  readonly value: Json | undefined
  readonly key: string | Uint8Array | null
  readonly headers: readonly Header[]
  readonly timestamp: number | undefined
}

/** Where the dead letters of one pump go, and how much of them is kept. */
export interface DeadLetterParts {
  readonly storage: Storage
  readonly clock: Clock
  readonly log: Logger
  readonly folder: string
  /** The id of the pump: the beginning of its files' names. */
  readonly pump: string
  readonly maxSize: number
  readonly maxAge: number
}

/** What a cut keeps: the file that is written, and how much of it belongs to the epoch. */
export type DeadLetterState = { readonly file: number; readonly length: number }

/** A sink for dead letters, flushed and cut back with the other sinks of its pump. */
export interface DeadLetterFile extends Pick<Sink<DeadLetterState>, 'flush' | 'restore' | 'close'> {
  write(letters: readonly DeadLetter[]): Promise<void>
  /** The file that is written now. */
  readonly path: string
}

/**
 * NDJSON files `<pump>-000001.ndjson`, ... A file is closed when it is an eighth of `maxSize`; the oldest goes when all
 * together outgrow `maxSize` or when nothing newer than `maxAge` is in it, and the log says so (SI-07).
 */
export function deadLetterFile(parts: DeadLetterParts): DeadLetterFile {
  const { storage, folder } = parts
  let number = 1
  let length = 0
  let file: StoredFile | undefined
  let isNew = false
  let flushing: Promise<void> | undefined

  const path = (of = number) => `${folder}/${fileName(parts.pump, of)}`

  async function open(): Promise<StoredFile> {
    if (await storage.makeFolder(folder)) parts.log.info(`dead letters go to ${folder}`)
    isNew = (await storage.stat(path())) === undefined
    return storage.open(path(), 'ensure')
  }

  async function append(bytes: Buffer): Promise<void> {
    file ??= await open()
    try {
      await file.write([bytes], length)
      length += bytes.length
    } catch (error) {
      await file.truncate(length)
      throw error
    }
  }

  /** What the next state does not name any more must be durable before the file is left. */
  async function rotate(): Promise<void> {
    await flushing
    await sync()
    await file?.close()
    file = undefined
    number += 1
    length = 0
    await removeOld(parts, number)
  }

  async function sync(): Promise<void> {
    try {
      await file?.sync()
      if (isNew) await storage.syncFolder(folder)
      isNew = false
    } catch (error) {
      throw new StreamrunError('SR_IO', `cannot make ${path()} durable: ${messageOf(error)}`, { cause: error })
    }
  }

  return {
    get path() {
      return path()
    },
    async write(letters) {
      const time = new Date(parts.clock.now()).toISOString()
      if (length > parts.maxSize / 8) await rotate()
      const text = letters.map((letter) => `${JSON.stringify(describe(letter, time))}\n`).join('')
      try {
        await append(Buffer.from(text))
      } catch (error) {
        throw asSinkError(error, path())
      }
    },
    async flush() {
      const state = { file: number, length }
      flushing = sync()
      await flushing
      return state
    },
    async restore(state) {
      number = state?.file ?? 1
      length = state?.length ?? 0
      for (const later of (await fileNumbers(parts)).filter((one) => one > number)) await storage.remove(path(later))
      const found = await storage.stat(path())
      if (found === undefined && length === 0) return
      // Moved away by somebody who has dealt with them: to reach the old length again would write zeros.
      if ((found?.size ?? 0) < length) {
        parts.log.warn(`${path()} is shorter than the last checkpoint says: going on at its end`)
        length = found?.size ?? 0
      }
      file = await open()
      await file.truncate(length)
    },
    async close() {
      await file?.close()
    },
  }
}

const FILE_DIGITS = 6

function fileName(pump: string, number: number): string {
  return `${pump}-${String(number).padStart(FILE_DIGITS, '0')}.ndjson`
}

/** The numbers of a pump's files, in order. */
async function fileNumbers({ storage, folder, pump }: DeadLetterParts): Promise<number[]> {
  if ((await storage.stat(folder)) === undefined) return []
  const names = (await storage.list(folder)).map(({ name }) => name)
  const numbers = names
    .filter((name) => name.startsWith(`${pump}-`))
    .map((name) => Number(name.slice(pump.length + 1, -7)))
  return numbers
    .filter((number) => Number.isInteger(number) && names.includes(fileName(pump, number)))
    .sort((a, b) => a - b)
}

/** F-6: only files before the current one, which the last epoch does not name any more, may go. */
async function removeOld(parts: DeadLetterParts, current: number): Promise<void> {
  const { storage, folder, pump, clock, log } = parts
  const older = (await fileNumbers(parts)).filter((number) => number < current - 1)
  const found = await Promise.all(older.map((number) => storage.stat(`${folder}/${fileName(pump, number)}`)))
  let total = found.reduce((sum, stat) => sum + (stat?.size ?? 0), 0)
  for (const [index, number] of older.entries()) {
    const { size = 0, modifiedMs = 0 } = found[index] ?? {}
    if (total <= parts.maxSize && clock.now() - modifiedMs <= parts.maxAge) break
    await storage.remove(`${folder}/${fileName(pump, number)}`)
    log.warn(`removed the oldest dead letters, ${fileName(pump, number)}: dead_letters.max_size or max_age is reached`)
    total -= size
  }
}

function describe(letter: DeadLetter, time: string): Json {
  const { component, error, origin, raw, size, key } = letter
  return {
    time,
    component,
    code: error.code,
    message: error.message,
    ...(error.expression === undefined ? {} : { expression: error.expression }),
    source: origin.component,
    partition: origin.partition,
    position: origin.position,
    attempt: 1,
    ...(key === null ? {} : { key: textOf(key) }),
    ...(letter.headers.length === 0 ? {} : { headers: letter.headers.map(({ name, value }) => [name, textOf(value)]) }),
    ...(letter.timestamp === undefined ? {} : { timestamp: letter.timestamp }),
    ...(raw === undefined ? { value: letter.value ?? null } : describeBytes(raw)),
    ...(size === undefined ? {} : { size }),
  }
}

/** Text where the bytes are text, base64 where they are not: either way nothing of them is lost. */
function describeBytes(raw: Uint8Array): { raw: string } | { raw_base64: string } {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.length)
  const text = bytes.toString('utf8')
  return Buffer.from(text).equals(bytes) ? { raw: text } : { raw_base64: bytes.toString('base64') }
}

function textOf(value: string | Uint8Array): string {
  return typeof value === 'string' ? value : Buffer.from(value).toString('utf8')
}

function asSinkError(error: unknown, path: string): Error {
  const code = errorCode(error)
  if (code === 'ENOSPC' || code === 'EDQUOT') return retryable('disk full, dead letters cannot be written', error)
  return new StreamrunError('SR_IO', `cannot write dead letters to ${path}: ${messageOf(error)}`, { cause: error })
}
