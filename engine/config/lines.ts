/** The lines of a text, to tell where an offset stands. */
export interface Lines {
  /** From 1; the column counts UTF-16 units, as editors do. */
  placeOf(offset: number): { readonly line: number; readonly column: number }
  /** A line without its line break, and the offset where it begins. */
  line(number: number): { readonly text: string; readonly start: number }
}

export function linesOf(text: string): Lines {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return {
    placeOf: (offset) => {
      const index = starts.findLastIndex((start) => start <= offset)
      return { line: index + 1, column: offset - (starts[index] ?? 0) + 1 }
    },
    line: (number) => {
      const start = starts[number - 1] ?? 0
      return { start, text: text.slice(start, (starts[number] ?? text.length + 1) - 1).replace(/\r$/, '') }
    },
  }
}
