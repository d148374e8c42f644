import type { Scratch, Slices } from '../../../engine/plugin.ts'

/**
 * JSON texts in the making, a line each, of what stands in a buffer. Every byte of every row comes through here, so they
 * are moved many at a time, which is several times faster than one by one: eight as a double, which UTF-8 never makes a
 * NaN, whose bits might change on the way (its last two bytes would be F0 or more and 7F or FF). Whoever adds makes room
 * first.
 */
export class JsonLines {
  readonly #from: DataView
  readonly #scratch: Scratch
  #bytes: Buffer
  #view: DataView
  #at = 0
  readonly #starts: Uint32Array
  readonly #ends: Uint32Array
  #count = 0
  /** Where the line begins that is being written. */
  #start = 0

  /** `count` lines of about `bytes` in all, from `data`, in memory of `scratch`. */
  constructor(data: Buffer, count: number, bytes: number, scratch: Scratch) {
    this.#from = viewOf(data)
    this.#scratch = scratch
    this.#bytes = scratch.take(bytes + SLACK)
    this.#view = viewOf(this.#bytes)
    this.#starts = new Uint32Array(count)
    this.#ends = new Uint32Array(count)
  }

  /** For so many bytes more. */
  makeRoom(bytes: number): void {
    const wanted = this.#at + bytes + SLACK
    if (wanted <= this.#bytes.length) return
    const grown = this.#scratch.take(Math.max(wanted, 2 * this.#bytes.length))
    this.#bytes.copy(grown, 0, 0, this.#at)
    this.#bytes = grown
    this.#view = viewOf(grown)
  }

  addWords({ words, length }: Words): void {
    const view = this.#view
    let at = this.#at
    for (let index = 0; index < words.length; index++, at += 8) view.setFloat64(at, words[index] as number, true)
    this.#at += length
  }

  /** The bytes `data[start .. end]` as they are. Up to `until`, there is UTF-8. */
  addBytes(start: number, end: number, until: number): void {
    const view = this.#view
    const data = this.#from
    const last = until - 8
    let at = this.#at
    let from = start
    // What the last eight have beyond the end is written over.
    for (; from < end && from <= last; from += 8, at += 8) view.setFloat64(at, data.getFloat64(from, true), true)
    for (; from < end; from++, at++) view.setUint8(at, data.getUint8(from))
    this.#at += end - start
  }

  /** What stands in a JSON string for UTF-8: `MOST_OF_A_BYTE` for one byte at most. */
  addEscaped(start: number, end: number): void {
    const view = this.#view
    const data = this.#from
    let at = this.#at
    let from = start
    for (; from + 4 <= end; from += 4, at += 4) {
      const word = data.getInt32(from, true)
      if (specialIn(word) !== 0) break
      view.setInt32(at, word, true)
    }
    this.#at = at
    this.addUndoubled(from, end, NEVER)
  }

  /** As `addEscaped`, of a text in which each `quote` stands twice. */
  addUndoubled(start: number, end: number, quote: number): void {
    const view = this.#view
    const data = this.#from
    let at = this.#at
    for (let from = start; from < end; from++) {
      const byte = data.getUint8(from)
      if (byte === quote) from++
      const escaped = ESCAPES[byte]
      if (escaped === undefined) view.setUint8(at++, byte)
      else for (const code of escaped) view.setUint8(at++, code)
    }
    this.#at = at
  }

  /** Any text. */
  addText(text: string): void {
    this.#at += this.#bytes.write(text, this.#at)
  }

  /** Any line; room is made for it. */
  addLine(text: string): void {
    this.makeRoom(Buffer.byteLength(text))
    this.addText(text)
    this.endLine()
  }

  /** The line feed needs no room of its own. */
  endLine(): void {
    this.#starts[this.#count] = this.#start
    this.#ends[this.#count++] = this.#at
    this.#view.setUint8(this.#at++, LINE_FEED)
    this.#start = this.#at
  }

  end(): Slices {
    return { data: this.#bytes.subarray(0, this.#at), starts: this.#starts, ends: this.#ends, count: this.#count }
  }
}

/** Bytes that are written again and again. */
export interface Words {
  readonly words: Float64Array
  /** Of the bytes; what the last word has beyond them is written over. */
  readonly length: number
}

export function wordsOf(text: string): Words {
  const length = Buffer.byteLength(text)
  const view = viewOf(Buffer.concat([Buffer.from(text)], length + 7))
  const count = Math.ceil(length / 8)
  return { words: Float64Array.from({ length: count }, (_, nth) => view.getFloat64(8 * nth, true)), length }
}

export function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length)
}

/** A control character, as JSON has it. */
export const MOST_OF_A_BYTE = 6

/** Not 0 when one of four bytes is a quote, a backslash or a control character; sometimes when none is. */
export function specialIn(word: number): number {
  const quotes = word ^ 0x22222222
  const slashes = word ^ 0x5c5c5c5c
  const below = (word - 0x20202020) & ~word
  // "Determine if a word has a zero byte" and "a byte less than n", Bit Twiddling Hacks, Sean Eron Anderson.
  return (below | ((quotes - 0x01010101) & ~quotes) | ((slashes - 0x01010101) & ~slashes)) & 0x80808080
}

/** As `JSON.stringify` writes what does not stand for itself. */
const ESCAPES = Array.from({ length: 256 }, (_, byte) => {
  const text = byte < 0x80 ? JSON.stringify(String.fromCharCode(byte)).slice(1, -1) : ''
  return text.length > 1 ? Buffer.from(text) : undefined
})
/** For the rest of the last word, and a line feed. */
const SLACK = 8
/** What no byte is. */
const NEVER = -1
const LINE_FEED = 0x0a
