import type { DefinitionErrorCode } from '../errors.ts'
import { linesOf } from './lines.ts'

/** One thing that is wrong with a pipeline file, and where. */
export interface Fault {
  readonly code: DefinitionErrorCode
  readonly file: string
  /** From 1; the column counts UTF-16 units, as editors do. */
  readonly line: number
  readonly column: number
  /** How much of the line the caret underlines. */
  readonly length: number
  /** `sinks.orders.path`; empty when the fault is in the YAML itself. */
  readonly path: string
  readonly message: string
  /** What to do: `did you mean "delimiter"?` */
  readonly hint: string | undefined
  /** The text of the line, without secrets. */
  readonly source: string
}

export type Path = readonly (string | number)[]

/** A part of the file: offsets of its first character and of the one after its last. */
export interface Span {
  readonly start: number
  readonly end: number
}

export interface Finding {
  readonly code: DefinitionErrorCode
  readonly at: Span
  readonly path?: Path
  readonly message: string
  readonly hint?: string | undefined
}

/** Collects the faults of one file. */
export interface FaultLog {
  add(fault: Finding): void
  /** How many there are so far. */
  readonly count: number
  /** A secret that stands in the file itself: shown as stars. */
  hide(secret: Span): void
  /** A secret that came in through a placeholder: wherever a message holds it, the placeholder is shown (CF-08). */
  redact(secret: string, placeholder: string): void
  /** All of them, in the order of the file. */
  list(): readonly Fault[]
}

export function faultLog(file: string, text: string): FaultLog {
  const found: Finding[] = []
  const hidden: Span[] = []
  const redacted: [secret: string, placeholder: string][] = []
  const lines = linesOf(text)

  function place({ code, at, path = [], message, hint }: Finding): Fault {
    const { line, column } = lines.placeOf(at.start)
    const { start, text: source } = lines.line(line)
    return {
      code,
      file,
      line,
      column,
      length: Math.max(1, Math.min(at.end - at.start, source.length - column + 1)),
      path: showPath(path),
      message: clean(message),
      hint: hint === undefined ? undefined : clean(hint),
      source: maskLine(source, start, hidden),
    }
  }

  function clean(message: string): string {
    return redacted.reduce((shown, [secret, placeholder]) => shown.replaceAll(secret, placeholder), message)
  }

  return {
    add: (fault) => {
      if (!found.some((one) => sameFault(one, fault))) found.push(fault)
    },
    get count() {
      return found.length
    },
    hide: (secret) => hidden.push(secret),
    redact: (secret, placeholder) => {
      // A shorter text is no secret, and words would be torn apart by its replacement.
      if (secret.length >= 3) redacted.push([secret, placeholder])
    },
    list: () => found.toSorted((a, b) => a.at.start - b.at.start).map(place),
  }
}

/** The checks overlap, and an alias is checked in each of its places: what is found twice is one fault. */
function sameFault(one: Finding, other: Finding): boolean {
  return one.code === other.code && one.at.start === other.at.start && one.message === other.message
}

/** `sources.logs.path[1]` */
export function showPath(path: Path): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('')
}

/**
 * The fault as people read it:
 *
 *     SR_UNKNOWN_KEY orders.yaml:12:7 sources.orders.delimitr: unknown key
 *       12 |     delimitr: ';'
 *          |     ^^^^^^^^ did you mean "delimiter"?
 */
export function renderFault(fault: Fault, { colours }: { colours: boolean }): string {
  const paint = colours ? PAINTS : PLAIN
  const place = `${fault.file}:${fault.line}:${fault.column}`
  const subject = fault.path === '' ? fault.message : `${fault.path}: ${fault.message}`
  const lines = [`${paint.code(fault.code)} ${paint.place(place)} ${visible(subject)}`]
  if (fault.source.trim() === '') return lines.concat(fault.hint ?? []).join('\n  ')
  const { shown, before, length } = windowOf(fault)
  const margin = `  ${fault.line}`
  // Tabs are kept, so that the caret stands under its character whatever their width.
  const indent = shown.slice(0, before).replace(/[^\t]/g, ' ')
  const caret = paint.caret('^'.repeat(length))
  lines.push(`${margin} | ${visible(shown)}`)
  lines.push(
    `${' '.repeat(margin.length)} | ${indent}${caret}${fault.hint === undefined ? '' : ` ${visible(fault.hint)}`}`,
  )
  return lines.join('\n')
}

const PLAIN = { code: String, place: String, caret: String }
const PAINTS = {
  code: (text: string) => `\u001b[31m${text}\u001b[39m`,
  place: (text: string) => `\u001b[1m${text}\u001b[22m`,
  caret: (text: string) => `\u001b[31m${text}\u001b[39m`,
}

const WIDEST = 140

/** A long line is shown around the caret only. */
function windowOf({ source, column, length }: Fault): { shown: string; before: number; length: number } {
  const at = column - 1
  if (source.length <= WIDEST) return { shown: source, before: at, length }
  const from = Math.max(0, Math.min(at - 40, source.length - WIDEST))
  const to = Math.min(source.length, from + WIDEST)
  const head = from > 0 ? '…' : ''
  const tail = to < source.length ? '…' : ''
  return {
    shown: head + source.slice(from, to) + tail,
    before: at - from + head.length,
    length: Math.max(1, Math.min(length, to - at)),
  }
}

/** Terminal control characters in a file must not reach the terminal (CF-13). */
function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029]/g, '\ufffd')
}

/**
 * Before a file is understood nothing tells which of its values are secrets, so what looks like one is hidden too: the
 * values of keys such as `password`, and the user part of addresses.
 */
const SECRET_KEY =
  /(?:pass(?:word|wd|phrase)?|secret|token|credentials?|sasl|api[-_]?key|private[-_]?key)[\w-]*["']?\s*:\s+(?![{[|>\s])/gi
const USER_OF_ADDRESS = /(?<=\w:\/\/)[^\s/@]+(?=@)/g

function maskLine(line: string, start: number, hidden: readonly Span[]): string {
  let masked = hidden.reduce((shown, secret) => stars(shown, secret.start - start, secret.end - start), line)
  for (const key of line.matchAll(SECRET_KEY)) {
    const from = key.index + key[0].length
    const value = valueAt(line, from)
    if (!isPlaceholder(value)) masked = stars(masked, from, from + value.length)
  }
  return masked.replace(USER_OF_ADDRESS, (user) => (isPlaceholder(user) ? user : '*'.repeat(user.length)))
}

/** The value that begins at `from`: to the end of the line, or of the entry within braces. */
function valueAt(line: string, from: number): string {
  const rest = line.slice(from)
  const quoted = /^"(?:[^"\\]|\\.)*"|^'(?:[^']|'')*'/.exec(rest)?.[0]
  if (quoted !== undefined) return quoted
  return line.slice(0, from).includes('{') ? (/^[^,}]*[^,}\s]/.exec(rest)?.[0] ?? rest) : rest
}

function stars(line: string, from: number, to: number): string {
  const first = Math.max(0, from)
  const last = Math.min(line.length, to)
  return first >= last ? line : line.slice(0, first) + '*'.repeat(last - first) + line.slice(last)
}

/** Text that is one placeholder and nothing else, without a default that could be a secret itself. */
export function isPlaceholder(text: string): boolean {
  return /^["']?\$\{[A-Z_][A-Z0-9_]*\}["']?$|^["']?\$\{file:[^}]*\}["']?$/.test(text)
}
