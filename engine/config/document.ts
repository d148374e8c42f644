import { Composer, type CST, type Document, Lexer, Parser, visit, type YAMLError } from 'yaml'
import type { FaultLog } from './faults.ts'
import { buildTree, type Node } from './tree.ts'

/** The tree of `text`; undefined, with at least one fault added, when the text has none. */
export function readDocument(text: string, faults: FaultLog): Node | undefined {
  if (!isSmallEnough(text, faults)) return undefined
  const tokens = tokensOf(text, faults)
  if (tokens === undefined) return undefined
  const [document, ...others] = new Composer(COMPOSING).compose(tokens, true, text.length)
  if (document === undefined || !isWellFormed(document, text, faults)) return undefined
  if (others.length > 0) reportSecondDocument(others, text, faults)
  return buildTree(document.contents, text, faults)
}

const COMPOSING = {
  version: '1.2',
  keepSourceTokens: true,
  prettyErrors: false,
  // What `!!binary`, `!!set` and the like give is no JSON: they are unknown here, like any other tag.
  resolveKnownTags: false,
  stringKeys: true,
} as const

const MOST_BYTES = 1024 * 1024
const DEEPEST = 100

function isSmallEnough(text: string, faults: FaultLog): boolean {
  const bytes = Buffer.byteLength(text)
  if (bytes <= MOST_BYTES) return true
  const message = `the file has ${bytes} bytes; ${MOST_BYTES} (1 MiB) are the most`
  faults.add({ code: 'SR_YAML_SIZE', at: { start: 0, end: 0 }, message })
  return false
}

/**
 * Composing recurses, and deep nesting can end the whole process there: the depth is watched before, while tokens come
 * in (CF-02).
 */
function tokensOf(text: string, faults: FaultLog): CST.Token[] | undefined {
  const parser = new Parser()
  const tokens: CST.Token[] = []
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token)
    if (parser.stack.length > DEEPEST) {
      const at = { start: parser.offset - lexeme.length, end: parser.offset }
      faults.add({ code: 'SR_YAML_DEPTH', at, message: `nested deeper than ${DEEPEST} levels` })
      return undefined
    }
  }
  for (const token of parser.end()) tokens.push(token)
  return tokens
}

/** Reports what YAML itself finds. One slip makes many errors: the first of a line is of use, and none that say they follow. */
function isWellFormed(document: Document.Parsed, text: string, faults: FaultLog): boolean {
  const lines = new Set<number>()
  for (const error of [...document.errors, ...document.warnings]) {
    const line = text.lastIndexOf('\n', error.pos[0] - 1)
    if (lines.has(line) || (lines.size > 0 && /token in YAML stream/.test(error.message))) continue
    lines.add(line)
    reportYaml(error, document, text, faults)
  }
  return document.errors.every(({ code }) => code === 'DUPLICATE_KEY')
}

function reportYaml(error: YAMLError, document: Document.Parsed, text: string, faults: FaultLog): void {
  const [start, end] = error.pos
  if (error.code === 'MISSING_CHAR' && /closing ['"]quote/.test(error.message)) {
    const quote = openingQuote(document, start)
    faults.add({ code: 'SR_YAML_SYNTAX', at: { start: quote, end: quote + 1 }, message: 'this quote is never closed' })
    return
  }
  if (/end with a [}\]]$/.test(error.message)) {
    const bracket = openingBracket(document, start)
    const message = `this ${text[bracket]} is never closed`
    const hint = / #/.test(text.slice(bracket, start)) ? 'quote text that holds " #"' : undefined
    faults.add({ code: 'SR_YAML_SYNTAX', at: { start: bracket, end: bracket + 1 }, message, hint })
    return
  }
  if (error.code === 'DUPLICATE_KEY') {
    const key = /^[^\s:]+/.exec(text.slice(start))?.[0] ?? ''
    const at = { start, end: start + key.length }
    faults.add({ code: 'SR_YAML_DUPLICATE_KEY', at, message: `the key "${key}" stands twice in one map` })
    return
  }
  if (error.code === 'NON_STRING_KEY') {
    const message = 'a key must be text: no list, no map and no alias'
    faults.add({ code: 'SR_YAML_SYNTAX', at: { start, end }, message })
    return
  }
  const code = error.code === 'TAG_RESOLVE_FAILED' ? 'SR_YAML_TAG' : 'SR_YAML_SYNTAX'
  faults.add({
    code,
    at: { start, end: Math.max(end, start + 1) },
    message: lowerFirst(error.message),
    hint: hintFor(error, text),
  })
}

/** An open quote swallows the rest of the file: where it begins is of use, not where the file ends. */
function openingQuote(document: Document.Parsed, end: number): number {
  let start = end
  visit(document, {
    Scalar: (_, { range }) => {
      if (range?.[1] === end) start = range[0]
    },
  })
  return start
}

/** Of what was not closed the innermost: it ends where the file goes on with something else. */
function openingBracket(document: Document.Parsed, end: number): number {
  let start = end
  visit(document, {
    Collection: (_, { flow, range }) => {
      if (flow && range?.[1] === end) start = range[0]
    },
  })
  return start
}

/** YAML's messages name its rules; what to do is nearly always to quote. */
function hintFor(error: YAMLError, text: string): string | undefined {
  if (error.code === 'TAB_AS_INDENT') return 'indent with spaces'
  if (error.code === 'BLOCK_AS_IMPLICIT_KEY' || error.code === 'BLOCK_IN_FLOW') return 'quote text that holds ": "'
  if (error.code === 'BAD_SCALAR_START') return 'quote it'
  if (error.code === 'BAD_INDENT') return 'indent it like those beside it'
  if (error.code === 'MULTILINE_IMPLICIT_KEY' || /followed by map values/.test(error.message)) return 'a ":" is missing'
  if (error.code === 'MISSING_CHAR') return 'quote text that holds a comma'
  if (error.code === 'TAG_RESOLVE_FAILED') return 'quote it if it is text'
  if (/scalar at node end/.test(error.message)) return 'quote the whole of it'
  if (error.code !== 'UNEXPECTED_TOKEN') return undefined
  const before = text.slice(text.lastIndexOf('\n', error.pos[0]) + 1, error.pos[0] + 1)
  return /[{[]/.test(before) ? 'quote text that holds "{" or "["' : undefined
}

function reportSecondDocument(others: readonly Document.Parsed[], text: string, faults: FaultLog): void {
  const start = text.lastIndexOf('---', others[0]?.range[1] ?? 0)
  const at = { start: Math.max(0, start), end: start + 3 }
  faults.add({
    code: 'SR_YAML_DOCUMENTS',
    at,
    message: 'a second document begins here',
    hint: 'one pipeline, one file',
  })
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
