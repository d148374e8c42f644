import { fail } from './failure.ts'
import { textOfRegexes } from './function-texts.ts'

/** A match as the language shows it to functions that take one. */
export interface Match {
  readonly match: string
  readonly start: number
  readonly end: number
  readonly groups: unknown[]
  readonly next: () => Match | undefined
}

export type Matcher = ((text: string, from?: number) => Match | undefined) & { readonly parameters: string }

/** A regular expression that is applied at once and never seen as a function, but for the general code. */
export class DirectRegex {
  readonly regex: RegExp
  readonly source: RegExp
  readonly position: number
  /** What the package makes of it, with the way back from there. */
  readonly call: ((text: string, from?: number) => Match | undefined) & { readonly direct: DirectRegex }

  constructor(regex: RegExp, source: RegExp, position: number) {
    this.regex = regex
    this.source = source
    this.position = position
    const call = (text: string, from?: number) => matcher(regex, source, position)(text, from)
    this.call = Object.assign(call, { direct: this })
  }

  first(text: string): RegExpExecArray | null {
    return this.#exec(text, 0)
  }

  /** The match after the last one. */
  next(text: string): RegExpExecArray | null {
    const at = this.regex.lastIndex
    if (at >= text.length) return null
    const found = this.#exec(text, at)
    if (found !== null && found[0] === '') fail('D1004', { position: this.position, value: this.source.source })
    return found
  }

  #exec(text: string, at: number): RegExpExecArray | null {
    this.regex.lastIndex = at
    return this.regex.exec(text)
  }
}

export function directRegex(procedure: unknown): DirectRegex | undefined {
  if (typeof procedure !== 'function') return undefined
  const { direct } = procedure as { readonly direct?: unknown }
  return direct instanceof DirectRegex ? direct : undefined
}

/**
 * The function that a regular expression is. It remembers itself where its last match ended: `regex` is shared with all
 * evaluations of it, of which one can begin while another waits for a replacement.
 */
export function matcher(regex: RegExp, source: RegExp, position: number): Matcher {
  let lastIndex = 0
  function closure(text: string, from?: number): Match | undefined {
    regex.lastIndex = from || 0
    const found = regex.exec(text)
    lastIndex = regex.lastIndex
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
    if (lastIndex >= text.length) return undefined
    const next = closure(text, lastIndex)
    if (next !== undefined && next.match === '') fail('D1004', { position, value: source.source })
    return next
  }
  return Object.assign(closure, { parameters: 'str, fromIndex', toString: textOfRegexes })
}
