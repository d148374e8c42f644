import type { Json } from '../../record.ts'

export interface CellOptions {
  readonly delimiter: string
  readonly quote: string
  readonly escape_formulas: boolean
}

export interface CellWriter {
  /** A value as it stands between two delimiters. */
  cell(value: Json): string
  /** The text that a reader finds in the cell of a text. */
  text(value: string): string
  /** A cell that holds nothing, and shows that it is there. */
  readonly empty: string
}

/** Writes cells as RFC 4180 has them: quotes only where they are needed. */
export function cellWriter({ delimiter, quote, escape_formulas: escapes }: CellOptions): CellWriter {
  const doubled = quote + quote
  const special = [delimiter, quote, '\r', '\n']
  // A reader takes a byte order mark at the beginning of a file for none of its text.
  const needsQuotes = new RegExp(`[${special.map(escaped).join('')}]|^\\ufeff`)
  const quoted = (text: string) => `${quote}${text.replaceAll(quote, () => doubled)}${quote}`
  const safe = (text: string) => (needsQuotes.test(text) ? quoted(text) : text)
  const plain = (text: string) => (escapes && FORMULA.test(text) ? `'${text}` : text)
  return {
    text: plain,
    empty: doubled,
    cell(value) {
      if (typeof value === 'string') return safe(plain(value))
      if (value === null) return ''
      // A delimiter may be a digit or a letter.
      if (typeof value === 'object') return safe(JSON.stringify(value))
      return safe(typeof value === 'number' ? JSON.stringify(value) : String(value))
    },
  }
}

/** CS-08. Numbers are numbers: only text is looked at. */
const FORMULA = /^[=+\-@\t\r]/

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
