import { fail } from './failure.ts'

/** A match as the language shows it to functions that take one. */
export interface Match {
  readonly match: string
  readonly start: number
  readonly end: number
  readonly groups: unknown[]
  readonly next: () => Match | undefined
}

export type Matcher = ((text: string, from?: number) => Match | undefined) & { readonly parameters: string }

/** The function that a regular expression is. */
export function matcher(regex: RegExp, source: RegExp, position: number): Matcher {
  function closure(text: string, from?: number): Match | undefined {
    regex.lastIndex = from || 0
    const found = regex.exec(text)
    if (found === null) return undefined
    return {
      match: found[0],
      start: found.index,
      end: found.index + found[0].length,
      groups: found.slice(1),
      next: () => nextMatch(text),
    }
  }
  function nextMatch(text: string): Match | undefined {
    if (regex.lastIndex >= text.length) return undefined
    const next = closure(text, regex.lastIndex)
    if (next !== undefined && next.match === '') fail('D1004', { position, value: source.source })
    return next
  }
  return Object.assign(closure, { parameters: 'str, fromIndex' })
}
