import { stripVTControlCharacters } from 'node:util'
import { widthOf } from '../visible.ts'

/** The part of a terminal's stream that is needed here. */
export interface Terminal {
  readonly columns?: number
  readonly rows?: number
  write(text: string): unknown
}

/**
 * Lines that stay at the bottom of a terminal while text scrolls by above them. The cursor waits below the last line,
 * visible, and no mode of the terminal outlives a write: whatever ends the process, even kill -9, there is nothing to
 * be restored.
 */
export class Screen {
  readonly #terminal: Terminal
  #lines: readonly string[] = []
  /** Those that stand there now. */
  #drawn: readonly string[] = []
  #writers = 0
  /** The text above did not end its last line: below it there is no place. */
  #lineIsOpen = false

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  get columns(): number {
    return this.#terminal.columns || 80
  }

  get rows(): number {
    return this.#terminal.rows || 24
  }

  /** These lines, which must fit the width, take the place of those before. */
  show(lines: readonly string[]): void {
    this.#lines = lines
    if (!this.#isFree) return
    // Written over, not erased first, which would flicker.
    const start = lines.length === 0 ? this.#erase() : `\r${UP.repeat(this.#height)}`
    this.#terminal.write(`${start}${this.#draw()}`)
  }

  /** Text that ends its line, above the lines. */
  print(text: string): void {
    const start = this.#lineIsOpen ? '\n' : ''
    this.#lineIsOpen = false
    const erase = this.#erase()
    this.#terminal.write(`${erase}${start}${text}${this.#isFree ? this.#draw() : ''}`)
  }

  /** Somebody else writes to the same terminal meanwhile; `opensLine`: and does not end its line. */
  async aside(write: () => Promise<void>, opensLine: boolean): Promise<void> {
    this.hide()
    this.#writers += 1
    try {
      await write()
    } finally {
      this.#writers -= 1
      this.#lineIsOpen = opensLine
      if (this.#isFree) this.#terminal.write(this.#draw())
    }
  }

  /** Until the next change, so that somebody else can have the terminal. */
  hide(): void {
    const erase = this.#erase()
    if (erase !== '') this.#terminal.write(erase)
  }

  get #isFree(): boolean {
    return this.#writers === 0 && !this.#lineIsOpen
  }

  /** Line by line: some terminals keep a copy of what is erased from the top of the screen on (tmux does). */
  #erase(): string {
    const height = this.#height
    this.#drawn = []
    return height === 0 ? '' : `\r${ERASE_BELOW}${`${UP}${ERASE_LINE}`.repeat(height)}`
  }

  /** A window that has become narrower has wrapped the lines that are too long for it now. */
  get #height(): number {
    const { columns } = this
    return this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(shownWidth(line) / columns)), 0)
  }

  /** Nothing wraps even where a terminal gives a character more room than expected. */
  #draw(): string {
    this.#drawn = this.#lines
    if (this.#lines.length === 0) return ''
    const drawn = this.#lines.map((line) => `${ERASE_LINE}${line}\n`)
    return `${NO_WRAP}${drawn.join('')}${WRAP}${ERASE_BELOW}`
  }
}

function shownWidth(line: string): number {
  return widthOf(stripVTControlCharacters(line))
}

const UP = '\u001b[A'
const ERASE_LINE = '\u001b[2K'
const ERASE_BELOW = '\u001b[J'
const NO_WRAP = '\u001b[?7l'
const WRAP = '\u001b[?7h'
