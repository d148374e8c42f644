import { judgeRegex } from './regex.ts'

/** A regular expression of the definition, safe on any text. */
export interface TextPattern {
  /** As `RegExp.exec`; of a text that is too long for it, the beginning is looked at. */
  exec(text: string): RegExpExecArray | null
}

/** Compiles a regular expression that is written as plain text, without slashes; or says what is wrong with it (J-2). */
export function compilePattern(source: string): TextPattern | { readonly fault: string } {
  const regex = parse(source)
  if (typeof regex === 'string') return { fault: regex }
  const verdict = judgeRegex(regex)
  if ('fault' in verdict) return { fault: `this regular expression is refused: ${verdict.fault}` }
  const { maxText } = verdict
  return { exec: (text) => regex.exec(text.length > maxText ? text.slice(0, maxText) : text) }
}

function parse(source: string): RegExp | string {
  try {
    return new RegExp(source)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return message.charAt(0).toLowerCase() + message.slice(1)
  }
}
