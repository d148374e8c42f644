import { widthOf } from '../visible.ts'

/** A terminal of some size that obeys what `Screen` sends, and whose screen and scrollback can be read. */
export class FakeTerminal {
  readonly isTTY = true
  columns: number
  rows: number
  /** From the oldest line on; `wraps`: the next row is its continuation. */
  #grid: { text: string; wraps: boolean }[] = [{ text: '', wraps: false }]
  #row = 0
  #column = 0
  #wrapMode = true
  /** Everything that was written. */
  written = ''

  constructor(columns: number, rows: number) {
    this.columns = columns
    this.rows = rows
  }

  write(text: string): boolean {
    this.written += text
    for (const [token, count, command] of text.matchAll(TOKENS)) this.#obey(token, count ?? '', command)
    return true
  }

  /** As most terminals: what was wrapped is joined, what is too long is wrapped, and the cursor keeps its place in it. */
  resize(columns: number, rows: number): void {
    const lines: string[] = ['']
    let cursor: { line: number; column: number } = { line: 0, column: 0 }
    this.#grid.forEach(({ text, wraps }, row) => {
      if (row === this.#row) cursor = { line: lines.length - 1, column: (lines.at(-1) ?? '').length + this.#column }
      lines[lines.length - 1] += text
      if (!wraps) lines.push('')
    })
    lines.pop()
    this.#grid = []
    lines.forEach((line, index) => {
      const pieces = line.match(new RegExp(`.{1,${columns}}`, 'gu')) ?? ['']
      if (index === cursor.line) {
        this.#row = this.#grid.length + Math.min(pieces.length - 1, Math.floor(cursor.column / columns))
        this.#column = cursor.column % columns
      }
      pieces.forEach((text, piece) => void this.#grid.push({ text, wraps: piece < pieces.length - 1 }))
    })
    this.columns = columns
    this.rows = rows
  }

  /** Everything that can be seen or scrolled back to. */
  get lines(): string[] {
    const texts = this.#grid.map(({ text }) => text.trimEnd())
    while (texts.at(-1) === '') texts.pop()
    return texts
  }

  /** Row and column, the row counted from the oldest line. */
  get cursor(): readonly [number, number] {
    return [this.#row, this.#column]
  }

  get wraps(): boolean {
    return this.#wrapMode
  }

  get #top(): number {
    return Math.max(0, this.#grid.length - this.rows)
  }

  #obey(token: string, count: string, command: string | undefined): void {
    if (token === '\n') this.#newLine(false)
    else if (token === '\r') this.#column = 0
    else if (command === undefined) this.#put(token)
    else if (command === 'A') this.#row = Math.max(this.#top, this.#row - Number(count || 1))
    else if (command === 'K' && count === '2') this.#current.text = ''
    else if (command === 'J' && count === '') this.#eraseBelow()
    else if (count === '?7') this.#wrapMode = command === 'h'
    else if (command !== 'm') throw new Error(`a sequence that this terminal does not know: ${JSON.stringify(token)}`)
  }

  get #current(): { text: string; wraps: boolean } {
    const line = this.#grid[this.#row]
    if (line === undefined) throw new Error('the cursor is outside')
    return line
  }

  #newLine(wraps: boolean): void {
    this.#current.wraps = wraps
    this.#row += 1
    this.#column = 0
    if (this.#row === this.#grid.length) this.#grid.push({ text: '', wraps: false })
  }

  #put(character: string): void {
    if (/\p{Cc}/u.test(character)) throw new Error(`a control character: ${JSON.stringify(character)}`)
    if (this.#column + widthOf(character) > this.columns) {
      if (!this.#wrapMode) return
      this.#newLine(true)
    }
    const line = this.#current
    const before = line.text.padEnd(this.#column).slice(0, this.#column)
    line.text = `${before}${character}${line.text.slice(this.#column + 1)}`
    this.#column += widthOf(character)
  }

  #eraseBelow(): void {
    const line = this.#current
    line.text = line.text.slice(0, this.#column)
    line.wraps = false
    // What is below stays part of the screen, empty.
    for (const below of this.#grid.slice(this.#row + 1)) Object.assign(below, { text: '', wraps: false })
  }
}

/** A control sequence, or one character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences are what is read here
const TOKENS = /\u001b\[([?\d;]*)([A-Za-z])|./gsu
