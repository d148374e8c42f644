import type { Dialect } from './dialect.ts'

/**
 * Puts the fields of the row `text[from .. to]` into `fields` and says how many they are; entries behind those are left
 * over from other rows. `kind` is what the scanner found.
 */
export function splitRow(
  text: string,
  row: { readonly from: number; readonly to: number; readonly kind: 'plain' | 'quoted' },
  dialect: Dialect,
  fields: unknown[],
): number {
  return row.kind === 'plain'
    ? splitPlain(text, row.from, row.to, dialect.delimiter, fields)
    : splitQuoted(text.slice(row.from, row.to), dialect, fields)
}

/** `splitRow` for a row without quotes. */
export function splitPlain(text: string, from: number, to: number, delimiter: string, fields: unknown[]): number {
  let count = 0
  let at = from
  for (let end = text.indexOf(delimiter, at); end >= 0 && end < to; end = text.indexOf(delimiter, at)) {
    fields[count++] = text.slice(at, end)
    at = end + 1
  }
  fields[count++] = text.slice(at, to)
  return count
}

/** `splitRow` for one that the scanner has found to be whole. */
export function splitQuoted(row: string, { delimiter, quote }: Dialect, fields: unknown[]): number {
  const doubled = quote + quote
  let count = 0
  for (let at = 0; ; at++) {
    if (row[at] !== quote) {
      const end = row.indexOf(delimiter, at)
      fields[count++] = end < 0 ? row.slice(at) : row.slice(at, end)
      if (end < 0) return count
      at = end
      continue
    }
    const close = closingQuote(row, at + 1, quote)
    const text = row.slice(at + 1, close)
    fields[count++] = text.includes(doubled) ? text.replaceAll(doubled, quote) : text
    at = close + 1
    if (at >= row.length) return count
  }
}

function closingQuote(row: string, from: number, quote: string): number {
  let at = row.indexOf(quote, from)
  while (row[at + 1] === quote) at = row.indexOf(quote, at + 2)
  return at
}
