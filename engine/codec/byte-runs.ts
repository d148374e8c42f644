import { Scratch } from './scratch.ts'
import type { Splice } from './splice.ts'

/** Collects lines, from buffers and as text, into as few chunks as there are breaks between them. */
export class ByteRuns {
  readonly #scratch: Scratch
  readonly #chunks: Uint8Array[] = []
  /** The bytes that are being joined: `data[start .. end]`, and the line feed behind them if there is one. */
  #data: Uint8Array | undefined
  #start = 0
  #end = 0
  /** Lines that were made here: those from `begun` to `used` are in no chunk yet. */
  #made: Buffer | undefined
  #begun = 0
  #used = 0

  /** `scratch`: the lines that it makes are valid until that is given back. */
  constructor(scratch: Scratch = new Scratch()) {
    this.#scratch = scratch
  }

  /** The line `data[start .. end]`. */
  add(data: Uint8Array, start: number, end: number): undefined {
    if (data === this.#data && start === this.#end + 1 && data[this.#end] === LINE_FEED) {
      this.#end = end
      return
    }
    this.#finishRun()
    this.#data = data
    this.#start = start
    this.#end = end
  }

  /** A line of text. */
  addText(line: string): void {
    const target = this.#roomFor(line.length * MOST_BYTES + 1)
    this.#used += target.write(line, this.#used, 'utf8')
    target[this.#used++] = LINE_FEED
  }

  /** A line that is put together of bytes and text. */
  addSpliced({ data, start, end, text }: Splice): void {
    const target = this.#roomFor(end - start + text.length * MOST_BYTES + 1)
    this.#used += data.copy(target, this.#used, start, end)
    this.#used += target.write(text, this.#used, 'utf8')
    target[this.#used++] = LINE_FEED
  }

  /** Everything so far, each line with its line feed. */
  end(): readonly Uint8Array[] {
    this.#finishRun()
    return this.#chunks
  }

  /** Where the next line is made, from `used` on. */
  #roomFor(bytes: number): Buffer {
    if (this.#data !== undefined) this.#finishRun()
    if (this.#made === undefined || this.#used + bytes > this.#made.length) {
      this.#finishMade()
      this.#made = this.#scratch.take(Math.max(MADE_BYTES, bytes))
      this.#begun = 0
      this.#used = 0
    }
    return this.#made
  }

  #finishRun(): void {
    this.#finishMade()
    if (this.#data !== undefined) this.#finishBytes(this.#data)
    this.#data = undefined
  }

  #finishMade(): void {
    if (this.#made !== undefined && this.#used > this.#begun) {
      this.#chunks.push(this.#made.subarray(this.#begun, this.#used))
    }
    this.#begun = this.#used
  }

  #finishBytes(data: Uint8Array): void {
    const isTerminated = data[this.#end] === LINE_FEED
    this.#chunks.push(data.subarray(this.#start, isTerminated ? this.#end + 1 : this.#end))
    if (!isTerminated) this.#chunks.push(NEW_LINE)
  }
}

/** As long as it is not full, the lines of a batch are one chunk. */
const MADE_BYTES = 256 * 1024
/** That a unit of UTF-16 takes. */
const MOST_BYTES = 3
const LINE_FEED = 0x0a
const NEW_LINE = Uint8Array.of(LINE_FEED)
