import { crc32 } from 'node:zlib'
import { errorCode, messageOf, type Storage, type StoredFile, StreamrunError } from '../../../engine/plugin.ts'
import type { Place } from './position.ts'

/** Bytes of the file from a place on. `final`: the file ends with them. */
export interface Chunk {
  readonly data: Buffer
  readonly final: boolean
}

/** The file as long as it is read: every read proves first that what was read before still stands there. */
export class InputFile {
  readonly path: string
  /** When it was opened. */
  readonly size: number
  readonly #file: StoredFile

  private constructor(path: string, file: StoredFile, size: number) {
    this.path = path
    this.size = size
    this.#file = file
  }

  static async open(path: string, storage: Storage): Promise<InputFile> {
    try {
      const file = await storage.open(path, 'read')
      return new InputFile(path, file, (await file.stat()).size)
    } catch (cause) {
      const isMissing = errorCode(cause) === 'ENOENT' || errorCode(cause) === 'ENOTDIR'
      if (isMissing) throw new StreamrunError('SR_INPUT_MISSING', `there is no file ${path}`)
      throw new StreamrunError('SR_IO', `cannot read ${path}: ${messageOf(cause)}`, { cause })
    }
  }

  /**
   * Up to `width` bytes from the place on; fewer at the end of the file. `memory`: where they may stand, MOST_PROOF bytes
   * longer than they.
   */
  async read(place: Place, width: number, memory?: Buffer): Promise<Chunk> {
    const { proofBytes } = place
    const bytes = await this.#readAt(place.offset - proofBytes, proofBytes + width, memory)
    if (bytes.length < proofBytes) throw this.changed('is shorter than what was read of it')
    const [before, data] = [bytes.subarray(0, proofBytes), bytes.subarray(proofBytes)]
    if (crc32(before) !== place.proof) throw this.changed('was written anew: other bytes stand where it was read')
    if (goesOnInRow(before, data)) throw this.changed('has grown in the middle of what was its last row')
    return { data, final: data.length < width }
  }

  /** Bytes further on, without proof. */
  async readOn(offset: number, width: number): Promise<Chunk> {
    const data = await this.#readAt(offset, width)
    return { data, final: data.length < width }
  }

  changed(how: string): StreamrunError {
    return new StreamrunError('SR_INPUT_CHANGED', `${this.path} ${how}`)
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  /** One read may bring less than there is. */
  async #readAt(position: number, length: number, memory?: Buffer): Promise<Buffer> {
    const bytes = memory ?? Buffer.allocUnsafeSlow(length)
    let filled = 0
    try {
      for (let more = -1; filled < length && more !== 0; filled += more) {
        more = await this.#file.read(bytes, filled, length - filled, position + filled)
      }
    } catch (cause) {
      throw new StreamrunError('SR_IO', `cannot read ${this.path}: ${messageOf(cause)}`, { cause })
    }
    return bytes.subarray(0, filled)
  }
}

/** Only the last row of a file ends without a line feed: what follows it must begin with one. */
function goesOnInRow(before: Buffer, data: Buffer): boolean {
  if (before.length === 0 || data.length === 0 || before.at(-1) === LINE_FEED) return false
  if (before.equals(BYTE_ORDER_MARK)) return false
  return data[0] !== LINE_FEED && !(data[0] === CARRIAGE_RETURN && data[1] === LINE_FEED)
}

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
export const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])
