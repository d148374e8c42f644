/** The shape of a regular expression, as far as `regex.ts` needs it to judge how it can repeat. */

/** Numbers of SAMPLES that can match. */
export type Characters = ReadonlySet<number>

export type Piece = CharacterPiece | Group
export type Sequence = readonly Piece[]

interface Repeated {
  /** What it can begin with. */
  readonly first: Characters
  /** Every character that can be in it. */
  readonly all: Characters
  /** Its number of repetitions is not fixed. */
  readonly variable: boolean
  /** It can be repeated often: more than a few times. */
  readonly many: boolean
  /** It can match nothing. */
  readonly optional: boolean
}

export interface CharacterPiece extends Repeated {
  readonly kind: 'characters'
}

export interface Group extends Repeated {
  readonly kind: 'group'
  readonly branches: readonly Sequence[]
  /** Every branch begins with `^`. */
  readonly anchored: boolean
}

export function overlap(a: Characters, b: Characters): boolean {
  for (const one of a) if (b.has(one)) return true
  return false
}

/** `source` is one that `new RegExp` has accepted. */
export function parsePattern(source: string, flags: string): Group {
  const reader = { source, flags, at: 0 }
  return readGroup(reader, ONCE)
}

/** Repetitions up to this count as few: `(\d{1,3}\.){3}`. */
const FEW = 9

interface Reader {
  readonly source: string
  readonly flags: string
  at: number
}

interface Quantifier {
  readonly min: number
  readonly max: number
}

const ONCE: Quantifier = { min: 1, max: 1 }

/** Reads branches up to the closing parenthesis or the end. */
function readGroup(reader: Reader, own: Quantifier | undefined): Group {
  const branches: Sequence[] = []
  let anchored = true
  do {
    anchored = reader.source[reader.at] === '^' && !reader.flags.includes('m') && anchored
    branches.push(readSequence(reader))
  } while (take(reader, '|'))
  take(reader, ')')
  return groupOf(branches, anchored, own ?? readQuantifier(reader))
}

function groupOf(branches: readonly Sequence[], anchored: boolean, quantifier: Quantifier): Group {
  const pieces = branches.flat()
  return {
    kind: 'group',
    branches,
    anchored,
    first: new Set(branches.flatMap((branch) => beginnings(branch))),
    all: new Set(pieces.flatMap((piece) => [...piece.all])),
    ...repetition(quantifier),
    optional: quantifier.min === 0 || branches.some((branch) => branch.every((piece) => piece.optional)),
  }
}

function beginnings(branch: Sequence): number[] {
  const solid = branch.findIndex((piece) => !piece.optional)
  return branch.slice(0, solid < 0 ? undefined : solid + 1).flatMap((piece) => [...piece.first])
}

function repetition({ min, max }: Quantifier): { variable: boolean; many: boolean; optional: boolean } {
  return { variable: max > min, many: max > FEW, optional: min === 0 }
}

function readSequence(reader: Reader): Sequence {
  const pieces: Piece[] = []
  while (reader.at < reader.source.length && !'|)'.includes(reader.source[reader.at] as string)) {
    const piece = readPiece(reader)
    if (piece !== undefined) pieces.push(piece)
  }
  return pieces
}

/** Undefined for what takes no text: `^`, `$`, `\b`, look-around. */
function readPiece(reader: Reader): Piece | undefined {
  if (take(reader, '(')) return readParenthesis(reader)
  const atom = matchAt(reader, ATOM)
  if (/^(?:[\^$]|\\[bB])$/.test(atom)) return undefined
  const characters = charactersOf(atom, reader.flags)
  return { kind: 'characters', first: characters, all: characters, ...repetition(readQuantifier(reader)) }
}

function readParenthesis(reader: Reader): Group | undefined {
  const look = matchAt(reader, /\?<?[=!]/y) !== ''
  if (!look) matchAt(reader, /\?(?::|<[^>]*>)/y)
  const group = readGroup(reader, look ? ONCE : undefined)
  return look ? undefined : group
}

/** A class, an escape or one character. */
const ATOM =
  /\[(?:\\[\s\S]|[^\]\\])*\]|\\u\{[^}]*\}|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|\\c[a-z]|\\[pPk][{<][^}>]*[}>]|\\\d+|\\?[\s\S]/iy

function readQuantifier(reader: Reader): Quantifier {
  const text = matchAt(reader, /(?:[*+?]|\{\d+(?:,\d*)?\})\??/y)
  if (text === '') return ONCE
  if (text.startsWith('*')) return { min: 0, max: Number.POSITIVE_INFINITY }
  if (text.startsWith('+')) return { min: 1, max: Number.POSITIVE_INFINITY }
  if (text.startsWith('?')) return { min: 0, max: 1 }
  const [min, max] = text.replace(/[{}?]/g, '').split(',')
  return {
    min: Number(min),
    max: max === undefined ? Number(min) : max === '' ? Number.POSITIVE_INFINITY : Number(max),
  }
}

/** Latin-1, and one of each of some other scripts; the last stands for all that is none of these. */
const SAMPLES = [...Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)), 'ж', 'Ж', 'λ', '中', '\u2028']

function charactersOf(atom: string, flags: string): Characters {
  if (/^\\(?:\d|k<)/.test(atom)) return new Set(SAMPLES.keys())
  const one = new RegExp(`^(?:${atom})$`, flags.replace('m', ''))
  const found = [...SAMPLES.keys()].filter((index) => one.test(SAMPLES[index] as string))
  return new Set(found.length === 0 ? [SAMPLES.length] : found)
}

function take(reader: Reader, text: string): boolean {
  if (reader.source[reader.at] !== text) return false
  reader.at += 1
  return true
}

/** The text that `pattern` (sticky) matches here, possibly none; goes past it. */
function matchAt(reader: Reader, pattern: RegExp): string {
  pattern.lastIndex = reader.at
  const text = pattern.exec(reader.source)?.[0] ?? ''
  reader.at += text.length
  return text
}
