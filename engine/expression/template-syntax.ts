import type { RegexEngineName } from './regex-engine.ts'
import { ExpressionSyntaxError, parseExpression } from './syntax.ts'
import { TIME_CODES, type TimeCode } from './time-code.ts'

/** Neighbouring texts are one part. */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'time'; readonly code: TimeCode }
  | { readonly kind: 'expression'; readonly expression: string; readonly position: number }

export class TemplateSyntaxError extends Error {
  /** Offset of the fault in the text. */
  readonly position: number

  constructor(position: number, message: string) {
    super(message)
    this.name = 'TemplateSyntaxError'
    this.position = position
  }
}

/**
 * `{expression}`, `{{` and `}}` for braces, `%Y` and the like, `%%` for a percent sign; the rest is text. An
 * expression that begins with a brace needs a space before it.
 */
export function parseTemplate(template: string, engine?: RegexEngineName): readonly TemplatePart[] {
  const parts: TemplatePart[] = []
  let text = ''
  for (let at = 0; at < template.length; ) {
    const { part, end } = readPart(template, at, engine)
    if (part.kind === 'text') text += part.text
    else {
      if (text !== '') parts.push({ kind: 'text', text })
      parts.push(part)
      text = ''
    }
    at = end
  }
  return text === '' ? parts : [...parts, { kind: 'text', text }]
}

interface Read {
  readonly part: TemplatePart
  readonly end: number
}

function readPart(template: string, at: number, engine: RegexEngineName | undefined): Read {
  const pair = template.slice(at, at + 2)
  if (pair === '{{' || pair === '}}' || pair === '%%') return textPart(pair.charAt(0), at + 2)
  if (pair.startsWith('{')) return readExpression(template, at + 1, engine)
  if (pair.startsWith('%')) return readTimeCode(pair.charAt(1), at)
  if (pair.startsWith('}')) throw new TemplateSyntaxError(at, 'this brace closes nothing: write }} for a brace')
  const end = at + template.slice(at).search(/[{}%]|$/)
  return textPart(template.slice(at, end), end)
}

function textPart(text: string, end: number): Read {
  return { part: { kind: 'text', text }, end }
}

function readTimeCode(letter: string, at: number): Read {
  const code = TIME_CODES.find((known) => known === letter)
  if (code !== undefined) return { part: { kind: 'time', code }, end: at + 2 }
  const known = TIME_CODES.map((one) => `%${one}`).join(' ')
  throw new TemplateSyntaxError(at, `there is no %${letter}: write %% for a percent sign, or one of ${known}`)
}

/**
 * The expression ends at the first brace where what stands before it is a whole expression: braces within texts,
 * regular expressions, comments and objects leave something open.
 */
function readExpression(template: string, start: number, engine: RegexEngineName | undefined): Read {
  let fault: TemplateSyntaxError | undefined
  for (let end = template.indexOf('}', start); end >= 0; end = template.indexOf('}', end + 1)) {
    const expression = template.slice(start, end)
    const wrong = syntaxFault(expression, start, engine)
    if (wrong === undefined) return { part: { kind: 'expression', expression, position: start }, end: end + 1 }
    fault ??= wrong
  }
  throw fault ?? new TemplateSyntaxError(start - 1, 'this brace is never closed: write {{ for a brace')
}

/** Undefined for a whole expression; throws for one that is whole but may not run. */
function syntaxFault(
  expression: string,
  start: number,
  engine: RegexEngineName | undefined,
): TemplateSyntaxError | undefined {
  try {
    parseExpression(expression, { engine })
    return undefined
  } catch (error) {
    if (!(error instanceof ExpressionSyntaxError)) throw error
    const fault = new TemplateSyntaxError(start + error.position, `${error.code}: ${error.message}`)
    if (error.code === 'unsafe') throw fault
    return fault
  }
}
