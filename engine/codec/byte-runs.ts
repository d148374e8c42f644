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
  #text = ''
  /** Lines that were put together: those from `begun` to `used` are in no chunk yet. */
  #spliced: Buffer | undefined
  #begun = 0
  #used = 0

  /** `scratch`: what it puts together is valid until that is given back. */
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
    if (this.#data !== undefined || this.#used > this.#begun) this.#finishRun()
    this.#text += `${line}\n`
  }

  /** A line that is put together of bytes and text. */
  addSpliced({ data, start, end, text }: Splice): void {
    if (this.#data !== undefined || this.#text !== '') this.#finishRun()
    const length = end - start
    // No character of UTF-16 takes more than three bytes.
    const most = length + 3 * text.length + 1
    if (this.#spliced === undefined || this.#used + most > this.#spliced.length) {
      this.#finishSpliced()
      this.#spliced = this.#scratch.take(Math.max(SPLICED_BYTES, most))
      this.#begun = 0
      this.#used = 0
    }
    const target = this.#spliced
    this.#used += data.copy(target, this.#used, start, end)
    this.#used += target.write(text, this.#used, 'utf8')
    target[this.#used++] = LINE_FEED
  }

  /** Everything so far, each line with its line feed. */
  end(): readonly Uint8Array[] {
    this.#finishRun()
    return this.#chunks
  }

  #finishRun(): void {
    this.#finishSpliced()
    if (this.#data !== undefined) this.#finishBytes(this.#data)
    if (this.#text !== '') this.#chunks.push(Buffer.from(this.#text))
    this.#data = undefined
    this.#text = ''
  }

  #finishSpliced(): void {
    if (this.#spliced !== undefined && this.#used > this.#begun) {
      this.#chunks.push(this.#spliced.subarray(this.#begun, this.#used))
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
const SPLICED_BYTES = 256 * 1024
const LINE_FEED = 0x0a
const NEW_LINE = Uint8Array.of(LINE_FEED)
