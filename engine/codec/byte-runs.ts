/** Collects lines, from buffers and as text, into as few chunks as there are breaks between them. */
export class ByteRuns {
  readonly #chunks: Uint8Array[] = []
  /** The bytes that are being joined: `data[start .. end]`, and the line feed behind them if there is one. */
  #data: Uint8Array | undefined
  #start = 0
  #end = 0
  #text = ''

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
    if (this.#data !== undefined) this.#finishRun()
    this.#text += `${line}\n`
  }

  /** Everything so far, each line with its line feed. */
  end(): readonly Uint8Array[] {
    this.#finishRun()
    return this.#chunks
  }

  #finishRun(): void {
    if (this.#data !== undefined) this.#finishBytes(this.#data)
    if (this.#text !== '') this.#chunks.push(Buffer.from(this.#text))
    this.#data = undefined
    this.#text = ''
  }

  #finishBytes(data: Uint8Array): void {
    const isTerminated = data[this.#end] === LINE_FEED
    this.#chunks.push(data.subarray(this.#start, isTerminated ? this.#end + 1 : this.#end))
    if (!isTerminated) this.#chunks.push(NEW_LINE)
  }
}

const LINE_FEED = 0x0a
const NEW_LINE = Uint8Array.of(LINE_FEED)
