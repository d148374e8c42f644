import type { DefinitionErrorCode } from '../errors.ts'

/** What placeholders are filled from. */
export interface Environment {
  /** Undefined: environment and files stay unread (`--no-env`). */
  readonly variables: Readonly<Record<string, string | undefined>> | undefined
  /** The texts of the files in `${file:path}`, by path as written; undefined where a file could not be read. */
  readonly files: ReadonlyMap<string, string | undefined>
}

export interface Filled {
  readonly text: string
  /** Something came in from outside: the text is not shown in messages. */
  readonly filled: boolean
  /** A placeholder could not be filled: nothing is known about the value. */
  readonly unread: boolean
  /** The texts that came in, with their placeholders. */
  readonly secrets: readonly { readonly secret: string; readonly placeholder: string }[]
  /** The index in the raw text that an index of the filled text comes from. */
  rawIndex(index: number): number
}

export interface PlaceholderFault {
  readonly code: DefinitionErrorCode
  /** In the raw text. */
  readonly start: number
  readonly end: number
  readonly message: string
  readonly hint?: string
}

/**
 * Fills `${NAME}`, `${NAME:-default}`, `${NAME:?message}` and `${file:path}`; `$${` stands for `${`. What comes in is
 * never looked at again (CF-07), and a template takes its braces and percent signs as they are. Placeholders inside the
 * expressions of a template are left alone: expressions read `$env.NAME`.
 */
export function fillPlaceholders(
  raw: string,
  kind: 'text' | 'template',
  environment: Environment,
  report: (fault: PlaceholderFault) => void,
): Filled {
  const out = new FilledText()
  let depth = 0
  let done = 0
  for (const match of raw.matchAll(kind === 'text' ? IN_TEXT : IN_TEMPLATE)) {
    const [found] = match
    depth = kind === 'template' ? depthAfter(found, depth) : 0
    if (!found.startsWith('$') || depth > 0) continue
    out.copy(raw.slice(done, match.index), done)
    done = match.index + found.length
    if (found === '$${') {
      out.copy('${', match.index + 1)
    } else {
      const end = done
      const answer = answerOf(found, kind, environment)
      if ('fault' in answer) report({ ...answer.fault, start: match.index, end })
      out.fill(answer, found, match.index, kind)
    }
  }
  out.copy(raw.slice(done), done)
  return out
}

/** The paths in the `${file:path}` of a text. */
export function filesNamed(raw: string): string[] {
  return [...raw.matchAll(/\$\{file:([^}]+)\}/g)].map((match) => match[1] as string)
}

const IN_TEXT = /\$\$\{|\$\{[^}]*\}?/g
/** In a template `${lower}` is a dollar sign and an expression. */
const IN_TEMPLATE = /\$\$\{|\$\{(?:[A-Z_][A-Z0-9_]*(?::[-?][^}]*)?|file:[^}]+)\}|\{\{|\{|\}/g

function depthAfter(found: string, depth: number): number {
  if (found === '{' || (found === '$${' && depth > 0)) return depth + 1
  if (found === '{{') return depth > 0 ? depth + 2 : 0
  return found === '}' ? Math.max(0, depth - 1) : depth
}

type Answer =
  | { readonly text: string; readonly secret: boolean }
  | { readonly unread: true }
  | { readonly fault: Omit<PlaceholderFault, 'start' | 'end'> }

const GRAMMAR = /^\$\{(?:file:(?<path>[^}]+)|(?<name>[A-Z_][A-Z0-9_]*)(?::(?<mode>[-?])(?<rest>[^}]*))?)\}$/

function answerOf(placeholder: string, kind: 'text' | 'template', environment: Environment): Answer {
  const parts = GRAMMAR.exec(placeholder)?.groups
  if (parts === undefined || parts.rest?.includes('${')) return { fault: malformed(placeholder, kind) }
  if (parts.path !== undefined) return fileAnswer(parts.path, environment)
  return variableAnswer(parts.name as string, parts.mode, parts.rest ?? '', environment)
}

function malformed(placeholder: string, kind: 'text' | 'template'): Omit<PlaceholderFault, 'start' | 'end'> {
  const nested = placeholder.indexOf('${', 2) !== -1
  const message = nested ? 'placeholders do not nest' : `this is no placeholder: write \${NAME}, in upper case`
  return { code: 'SR_PLACEHOLDER', message, ...(kind === 'text' ? { hint: 'for a literal "${" write "$${"' } : {}) }
}

/** An empty variable is as good as none: nearly always somebody forgot to set it. */
function variableAnswer(name: string, mode: string | undefined, rest: string, { variables }: Environment): Answer {
  const value = variables?.[name]
  if (value !== undefined && value !== '') return { text: value, secret: true }
  if (mode === '-') return { text: rest, secret: false }
  if (variables === undefined) return { unread: true }
  const state = value === undefined ? 'is not set' : 'is empty'
  const message =
    mode === '?' && rest !== '' ? `${name} ${state}: ${rest}` : `the environment variable ${name} ${state}`
  return { fault: { code: 'SR_VARIABLE_MISSING', message, hint: `set it, or give a default: \${${name}:-...}` } }
}

function fileAnswer(path: string, { variables, files }: Environment): Answer {
  if (variables === undefined) return { unread: true }
  if (leavesFolder(path)) {
    const message = `the file "${path}" is outside the folder of the definition`
    return { fault: { code: 'SR_FILE_REFERENCE', message, hint: 'move it there, or write its absolute path' } }
  }
  const text = files.get(path)
  if (text === undefined) return { fault: { code: 'SR_FILE_REFERENCE', message: `the file "${path}" cannot be read` } }
  const value = text.replace(/\r?\n$/, '')
  if (value === '') return { fault: { code: 'SR_FILE_REFERENCE', message: `the file "${path}" is empty` } }
  return { text: value, secret: true }
}

/** What is named by accident stays inside; an absolute path is meant (CF-14). */
export function leavesFolder(path: string): boolean {
  let depth = 0
  if (path.startsWith('/')) return false
  for (const step of path.split('/')) {
    if (step === '..') depth--
    else if (step !== '.' && step !== '') depth++
    if (depth < 0) return true
  }
  return false
}

/** A run of the filled text: copied from the raw text, or standing for one placeholder. */
interface Piece {
  readonly at: number
  readonly rawAt: number
  readonly copied: boolean
}

class FilledText implements Filled {
  text = ''
  filled = false
  unread = false
  readonly secrets: { secret: string; placeholder: string }[] = []
  readonly #pieces: Piece[] = []

  copy(text: string, rawAt: number): void {
    this.#add(text, rawAt, true)
  }

  fill(answer: Answer, placeholder: string, rawAt: number, kind: 'text' | 'template'): void {
    this.filled = true
    if (!('text' in answer)) {
      this.unread = true
      this.#add(placeholder, rawAt, false)
      return
    }
    if (answer.secret) this.secrets.push({ secret: answer.text, placeholder })
    this.#add(kind === 'template' ? answer.text.replace(/[{}%]/g, '$&$&') : answer.text, rawAt, false)
  }

  rawIndex(index: number): number {
    const piece = this.#pieces.findLast(({ at }) => at <= index)
    if (piece === undefined) return index
    return piece.copied ? piece.rawAt + index - piece.at : piece.rawAt
  }

  #add(text: string, rawAt: number, copied: boolean): void {
    this.#pieces.push({ at: this.text.length, rawAt, copied })
    this.text += text
  }
}
