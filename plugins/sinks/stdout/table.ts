import { fitted, type Json, visible, widthOf } from '../../../engine/plugin.ts'
import { paint } from './pretty.ts'

/** A place in a table; undefined where nothing is. */
export type Cell = Json | undefined

export interface Terminal {
  readonly colours: boolean
  /** Undefined: it is none. */
  readonly rows?: number | undefined
}

/**
 * Rows under a header, as they come: columns are as wide as the widest that they held so far, up to a bound. On a
 * terminal the header comes again when it has scrolled away or the columns have moved, and a column that has to grow
 * takes more than it needs, so that this is seldom; elsewhere the header is the first line.
 */
export class Table {
  readonly #names: readonly string[]
  readonly #terminal: Terminal
  #widths: readonly number[]
  /** Lines since the header began; undefined: there was none yet. */
  #since: number | undefined

  constructor(names: readonly string[], terminal: Terminal) {
    this.#names = names.map(textOf)
    this.#terminal = terminal
    this.#widths = this.#names.map(widthOf)
  }

  /** The lines for some more rows. */
  linesOf(rows: readonly (readonly Cell[])[]): string[] {
    const texts = rows.map((row) => this.#names.map((_, column) => textOf(row[column])))
    this.#widen(texts)
    return rows.flatMap((row, index) => {
      const line = this.#line(texts[index] as readonly string[], row)
      const head = this.#needsHeader() ? this.#header() : []
      this.#since = (this.#since ?? 0) + head.length + 1
      return [...head, line]
    })
  }

  #widen(texts: readonly (readonly string[])[]): void {
    const isTerminal = this.#terminal.rows !== undefined
    const widths = this.#widths.map((width, column) => {
      const widest = texts.reduce((most, row) => Math.max(most, widthOf(row[column] ?? '')), width)
      return isTerminal && widest > width ? Math.ceil(widest / STEP) * STEP : widest
    })
    const moved = widths.some((width, column) => width !== this.#widths[column])
    this.#widths = widths
    if (moved && isTerminal) this.#since = undefined
  }

  #needsHeader(): boolean {
    const { rows } = this.#terminal
    return this.#since === undefined || (rows !== undefined && this.#since >= Math.max(rows, FEWEST_ROWS) - 1)
  }

  #header(): string[] {
    this.#since = 0
    const rule = this.#widths.map((width) => '-'.repeat(width)).join(GAP)
    return [paint(this.#line(this.#names, []), BOLD, this.#terminal.colours), rule]
  }

  /** Numbers stand to the right. */
  #line(texts: readonly string[], row: readonly Cell[]): string {
    const padded = texts.map((text, column) => {
      const blank = ' '.repeat((this.#widths[column] ?? 0) - widthOf(text))
      return typeof row[column] === 'number' ? `${blank}${text}` : `${text}${blank}`
    })
    return padded.join(GAP).trimEnd()
  }
}

/** In a column: cut before it is made visible, so that a long text costs no more than a short one. */
function textOf(cell: Cell): string {
  if (cell === undefined) return ''
  const text = typeof cell === 'string' ? cell : JSON.stringify(cell)
  return fitted(visible(fitted(text, WIDEST)), WIDEST)
}

const GAP = '  '
const BOLD = 1
/** Columns of a terminal that one column of the table may take; a multiple of `STEP`. */
const WIDEST = 32
const STEP = 8
/** A window of a few lines is not all headers. */
const FEWEST_ROWS = 10
