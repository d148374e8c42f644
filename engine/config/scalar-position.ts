import type { CST } from 'yaml'

/**
 * Where each character of a scalar's value stands in the file, so that a fault inside an expression can point at its
 * column: through quotes, escapes, folded lines and the indentation of block scalars. Follows the resolution rules of
 * YAML 1.2 chapters 7.3 and 8.1 as the `yaml` package applies them; the tests hold the two together.
 */
export interface ScalarText {
  readonly value: string
  /** File offset of each UTF-16 unit of the value; one more entry for the end. */
  readonly offsets: readonly number[]
}

export function readScalar(token: CST.FlowScalar | CST.BlockScalar): ScalarText {
  if (token.type === 'block-scalar') return readBlock(token)
  if (token.type === 'double-quoted-scalar') return readDoubleQuoted(token)
  if (token.type === 'single-quoted-scalar') return readSingleQuoted(token)
  return readFolded(token.source, token.offset)
}

class Writer implements ScalarText {
  value = ''
  readonly offsets: number[] = []

  /** `text` stands in the file as it is, from `at`. */
  copy(text: string, at: number): void {
    this.value += text
    for (let index = 0; index < text.length; index++) this.offsets.push(at + index)
  }

  /** All of `text` comes from what stands at `at`: an escape, a line break. */
  put(text: string, at: number): void {
    this.value += text
    for (let index = 0; index < text.length; index++) this.offsets.push(at)
  }

  end(at: number): ScalarText {
    this.offsets.push(at)
    return this
  }
}

/** Plain text, and what stands between single quotes: one line break is a space, n of them are n - 1 breaks. */
function readFolded(source: string, start: number): ScalarText {
  const out = new Writer()
  const lines = linesOf(source)
  let breaks = 0
  let breakAt = 0
  for (const [index, line] of lines.entries()) {
    const text = trimLine(line.text, { left: index > 0, right: index < lines.length - 1 })
    if (index > 0 && (text.text !== '' || index === lines.length - 1)) {
      out.put(breaks === 1 ? ' ' : '\n'.repeat(breaks - 1), start + breakAt)
      breaks = 0
    }
    out.copy(text.text, start + line.at + text.skipped)
    if (breaks === 0) breakAt = line.at + line.text.length
    breaks++
  }
  return out.end(start + source.length)
}

function readSingleQuoted(token: CST.FlowScalar): ScalarText {
  const folded = readFolded(token.source.slice(1, -1), token.offset + 1)
  const out = new Writer()
  for (let index = 0; index < folded.value.length; index++) {
    out.put(folded.value[index] as string, folded.offsets[index] as number)
    if (folded.value.startsWith("''", index)) index++
  }
  return out.end(token.offset + token.source.length - 1)
}

const DOUBLE_QUOTED =
  /\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|\r?\n[ \t]*|[\s\S])|[ \t]*(?:\r?\n[ \t]*)+|[^\\\s]+|[ \t]+|[\s\S]/g

function readDoubleQuoted(token: CST.FlowScalar): ScalarText {
  const out = new Writer()
  for (const match of token.source.slice(1, -1).matchAll(DOUBLE_QUOTED)) {
    const [text] = match
    const at = token.offset + 1 + match.index
    if (text.startsWith('\\')) out.put(decodeEscape(text), at)
    else if (text.includes('\n')) out.put(foldBreaks(text), at)
    else out.copy(text, at)
  }
  return out.end(token.offset + token.source.length - 1)
}

const ESCAPES: Readonly<Record<string, string>> = {
  0: '\0',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
}

function decodeEscape(sequence: string): string {
  const kind = sequence[1] as string
  if (/[\r\n]/.test(kind)) return ''
  if (sequence.length > 2) return String.fromCodePoint(Number.parseInt(sequence.slice(2), 16))
  return ESCAPES[kind] ?? kind
}

function foldBreaks(text: string): string {
  const count = text.split('\n').length - 1
  return count === 1 ? ' ' : '\n'.repeat(count - 1)
}

interface Line {
  readonly at: number
  readonly text: string
}

/** `indented`: more than the block itself, so that a folded scalar keeps its line breaks. */
interface BlockLine extends Line {
  readonly indented: boolean
}

function readBlock(token: CST.BlockScalar): ScalarText {
  const header = blockHeader(token)
  const start = token.offset + token.props.reduce((sum, prop) => sum + ('source' in prop ? prop.source.length : 0), 0)
  const raw = token.source === '' ? [] : linesOf(token.source)
  const indent = header.indent === undefined ? contentIndent(raw, token.indent) : token.indent + header.indent
  const lines = raw.map((line) => unindent(line, indent, start))
  const end = start + token.source.length
  const content = contentLength(lines)
  const out = new Writer()
  if (content > 0) {
    if (header.folded) writeFolded(out, lines.slice(0, content))
    else writeLiteral(out, lines.slice(0, content))
  }
  writeTail(out, lines, content, header.chomp)
  return out.end(out.offsets.length === 0 ? end : Math.min(end, (out.offsets.at(-1) as number) + 1))
}

function blockHeader(token: CST.BlockScalar): { folded: boolean; chomp: string; indent: number | undefined } {
  const [header] = token.props
  const source = header !== undefined && 'source' in header ? header.source : '|'
  const digit = /[1-9]/.exec(source)?.[0]
  return {
    folded: source.startsWith('>'),
    chomp: /[+-]/.exec(source)?.[0] ?? '',
    indent: digit === undefined ? undefined : Number(digit),
  }
}

/** The indentation of the first line with content; of the longest blank one where there is none. */
function contentIndent(lines: readonly Line[], least: number): number {
  const spaces = (line: Line) => /^ */.exec(line.text)?.[0].length ?? 0
  const first = lines.find((line) => !isBlank(line))
  return first === undefined ? Math.max(least, ...lines.map(spaces)) : spaces(first)
}

function unindent(line: Line, indent: number, start: number): BlockLine {
  const spaces = /^ */.exec(line.text)?.[0].length ?? 0
  const skipped = Math.min(spaces, indent)
  const text = line.text.slice(skipped)
  return { at: start + line.at + skipped, text, indented: spaces > indent || text.startsWith('\t') }
}

/** How many lines there are before the trailing blank ones, which chomping decides about. */
function contentLength(lines: readonly BlockLine[]): number {
  if (lines.every(isBlank)) return 0
  return lines.findLastIndex(({ text }) => text !== '') + 1
}

function writeLiteral(out: Writer, lines: readonly BlockLine[]): void {
  for (const [index, line] of lines.entries()) {
    out.copy(line.text, line.at)
    if (index < lines.length - 1) out.put('\n', line.at + line.text.length)
  }
}

/** Neighbouring lines are joined by a space, except around blank and more indented ones. */
function writeFolded(out: Writer, lines: readonly BlockLine[]): void {
  const first = lines.findIndex(({ text }) => text !== '')
  for (const blank of lines.slice(0, first)) out.put('\n', blank.at)
  let blanks = 0
  let previous: BlockLine | undefined
  for (const line of lines.slice(first)) {
    if (line.text === '') {
      blanks++
      continue
    }
    if (previous !== undefined) out.put(joint(previous, line, blanks), previous.at + previous.text.length)
    out.copy(line.text, line.at)
    previous = line
    blanks = 0
  }
}

function joint(previous: BlockLine, next: BlockLine, blanks: number): string {
  if (previous.indented || next.indented) return '\n'.repeat(blanks + 1)
  return blanks === 0 ? ' ' : '\n'.repeat(blanks)
}

/** Strip keeps no line break at the end, clip one, keep all. */
function writeTail(out: Writer, lines: readonly BlockLine[], content: number, chomp: string): void {
  const last = lines[content - 1]
  if (chomp === '-') return
  if (last !== undefined) out.put('\n', last.at + last.text.length)
  if (chomp === '') return
  const blanks = lines.slice(content)
  // The text after the last line break is no line of its own; a block of nothing but one blank line keeps that one.
  const kept = last === undefined && blanks.length === 1 ? blanks : blanks.slice(0, -1)
  for (const blank of kept) out.put('\n', blank.at)
}

function isBlank(line: Line): boolean {
  return /^ *$/.test(line.text)
}

function linesOf(source: string): Line[] {
  const lines: Line[] = []
  let at = 0
  for (const text of source.split('\n')) {
    const isLast = at + text.length === source.length
    lines.push({ at, text: !isLast && text.endsWith('\r') ? text.slice(0, -1) : text })
    at += text.length + 1
  }
  return lines
}

function trimLine(text: string, sides: { left: boolean; right: boolean }): { text: string; skipped: number } {
  const left = sides.left ? text.replace(/^[ \t]+/, '') : text
  return { text: sides.right ? left.replace(/[ \t]+$/, '') : left, skipped: text.length - left.length }
}
