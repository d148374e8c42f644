import { formatCount } from '../observe/summary.ts'

export type Cell = string | number | undefined

/** Columns for people: numbers to the right, everything else to the left, a dash for what is not known. Empty without rows. */
export function table(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  if (rows.length === 0) return ''
  const columns = header.map((title, column) => {
    const cells = rows.map((row) => row[column])
    const texts = [title, ...cells.map(textOf)]
    const width = Math.max(...texts.map(({ length }) => length))
    const isNumeric = cells.every((cell) => typeof cell !== 'string')
    return texts.map((text) => (isNumeric ? text.padStart(width) : text.padEnd(width)))
  })
  const lines = [header, ...rows].map((_, line) => columns.map((column) => column[line]).join('  '))
  return lines.map((line) => `${line.trimEnd()}\n`).join('')
}

/** Names of groups may hold anything: control characters must not reach the terminal (CF-13). */
function textOf(cell: Cell): string {
  if (cell === undefined) return '-'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return typeof cell === 'number' ? formatCount(cell) : cell.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd')
}
