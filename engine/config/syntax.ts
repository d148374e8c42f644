import type { Tables } from '../expression/functions/lookup-table.ts'
import type { NameFault } from '../expression/names.ts'
import type { RegexEngineName } from '../expression/regex-engine.ts'
import type { FaultLog } from './faults.ts'
import type { ParsedText } from './values.ts'

/** What the expressions of a file may use. */
export interface Language {
  /** What `$lookup_table` may name. */
  readonly tables: Tables
  readonly regexEngine: RegexEngineName
}

/**
 * Checks the syntax of expressions and templates, and the names in them. The parser is loaded only for definitions that have some: it takes a
 * tenth of the time that a start may take.
 */
export async function checkSyntax(texts: readonly ParsedText[], language: Language, faults: FaultLog): Promise<void> {
  if (texts.some(needsParser)) await checkWithParser(texts.filter(needsParser), language, faults)
}

/** Templates without braces and percent signs are plain text. */
function needsParser({ kind, text }: ParsedText): boolean {
  return kind === 'expression' || /[{}%]/.test(text)
}

async function checkWithParser(texts: readonly ParsedText[], language: Language, faults: FaultLog): Promise<void> {
  const { parseExpression, ExpressionSyntaxError } = await import('../expression/syntax.ts')
  const { parseTemplate, TemplateSyntaxError } = await import('../expression/template-syntax.ts')
  const { checkNames } = await import('../expression/names.ts')
  const { tables, regexEngine } = language
  for (const text of texts) {
    const namesIn = (expression: string, at: number) => {
      const { tree } = parseExpression(expression, { engine: regexEngine })
      for (const fault of checkNames(tree, tables)) reportName(fault, at, text, faults)
    }
    try {
      if (text.kind === 'expression') namesIn(text.text, 0)
      else {
        const parts = parseTemplate(text.text, regexEngine)
        checkBase(text, parts, faults)
        for (const part of parts) if (part.kind === 'expression') namesIn(part.expression, part.position)
      }
    } catch (error) {
      const isSyntax = error instanceof ExpressionSyntaxError || error instanceof TemplateSyntaxError
      if (!isSyntax) throw error
      const code = text.kind === 'expression' ? 'SR_EXPRESSION_SYNTAX' : 'SR_TEMPLATE_SYNTAX'
      faults.add({
        code,
        at: text.spanAt(error.position),
        path: text.path,
        message: error.message.replace(/^[A-Z]\d{4}: /, ''),
        hint: slipHint(text, error.position),
      })
    }
  }
}

/** `at`: where the expression begins in the text. */
export function reportName(fault: NameFault, at: number, { path, spanAt }: ParsedText, faults: FaultLog): void {
  const { position, length, message, hint } = fault
  const first = spanAt(at + position)
  const last = spanAt(at + position + length - 1)
  faults.add({ code: 'SR_EXPRESSION_NAME', at: { start: first.start, end: last.end }, path, message, hint })
}

/** What other languages write, and JSONata does not. */
const SLIPS: readonly [written: RegExp, hint: string][] = [
  [/==/y, 'JSONata compares with one "="'],
  [/&&/y, 'write "and"'],
  [/\|\|/y, 'write "or"'],
  [/<>/y, 'write "!="'],
  [/=>/y, 'write "function($x) { ... }"'],
  [/!/y, 'write "$not(...)"'],
  [/(?:AND|OR|IN)\b/y, 'write it in lower case'],
]

/** The parser stops at the first or at the second character of such an operator. */
function slipHint({ text, isPlain }: ParsedText, position: number): string | undefined {
  if (isPlain && position >= text.length) return 'a comma or " #" ends text without quotes: quote it'
  const standsAt = (written: RegExp, at: number) => {
    written.lastIndex = Math.max(0, at)
    return written.test(text)
  }
  return SLIPS.find(([written]) => standsAt(written, position) || standsAt(written, position - 1))?.[1]
}

/** A templated path stays in the folder that stands before its first placeholder: `..` may only lead (CF-09). */
function checkBase(
  { text, path, spanAt }: ParsedText,
  parts: readonly { kind: string; text?: string }[],
  faults: FaultLog,
): void {
  if (parts.every(({ kind }) => kind === 'text')) return
  const steps = parts
    .map((part) => part.text ?? '*')
    .join('')
    .split('/')
  const first = steps.findIndex((step) => step !== '..' && step !== '.')
  if (!steps.slice(first).includes('..')) return
  const at = [...text.matchAll(/(?<=^|\/)\.\.(?=\/|$)/g)].at(-1)?.index ?? 0
  const message = 'a templated path cannot climb out of its folder: ".." may only stand at its beginning'
  faults.add({
    code: 'SR_TEMPLATE_ESCAPES',
    at: { start: spanAt(at).start, end: spanAt(at + 1).end },
    path,
    message,
  })
}
