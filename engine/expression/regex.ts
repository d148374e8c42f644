/**
 * Judges regular expressions before they meet data (J-2). V8 backtracks: `/^(a+)+$/` on 30 characters runs for hours,
 * no guard can stop it, and every other pipeline of the process waits. So a pattern whose repetitions can match the
 * same text in more than one way is refused when the definition is read, and one that can become slow on long text
 * gets a bound on the length of that text.
 *
 * The judgement looks at one character at a time: a repeated piece is ambiguous when it can match what may follow it.
 * That refuses some harmless patterns (`(ab|ac)*`), which can be rewritten (`(a[bc])*`).
 */

import { type Characters, type Group, overlap, parsePattern, type Sequence } from './pattern.ts'

/** Either what is wrong with it, or the longest text that it may be applied to. */
export type RegexVerdict = { readonly fault: string } | { readonly maxText: number }

export function judgeRegex(regex: RegExp): RegexVerdict {
  const whole = parsePattern(regex.source, regex.flags.replace('g', ''))
  if (hasBlowUp(whole, NOTHING)) {
    return { fault: 'a repetition in it can match the same text in many ways, which can take for ever' }
  }
  return { maxText: longestText(slowness(whole)) }
}

/** About one second of backtracking. */
const MOST_STEPS = 1e9

const NOTHING: Characters = new Set()

/** True when a repetition has choices inside that text cannot tell apart: the number of ways grows exponentially. */
function hasBlowUp(group: Group, after: Characters): boolean {
  return group.branches.some((branch) =>
    branch.some((piece, index) => {
      if (piece.kind === 'characters') return false
      const next = followers(branch, index, after)
      return piece.many ? isAmbiguousLoop(piece, next) : hasBlowUp(piece, next)
    }),
  )
}

function isAmbiguousLoop(loop: Group, after: Characters): boolean {
  const around = union(loop.first, after)
  return branchesOverlap(loop) || hasAmbiguousPiece(loop, around)
}

function hasAmbiguousPiece(group: Group, after: Characters): boolean {
  return group.branches.some((branch) =>
    branch.some((piece, index) => {
      const next = followers(branch, index, after)
      if (piece.variable && overlap(piece.first, next)) return true
      return piece.kind === 'group' && (branchesOverlap(piece) || hasAmbiguousPiece(piece, around(piece, next)))
    }),
  )
}

function around(piece: Group, next: Characters): Characters {
  return piece.many ? union(piece.first, next) : next
}

function branchesOverlap(group: Group): boolean {
  const firsts = group.branches.map((branch) => followers(branch, -1, NOTHING))
  return firsts.some((first, index) => firsts.slice(index + 1).some((other) => overlap(first, other)))
}

/** The power of the text's length that the number of steps can grow with. */
function slowness(whole: Group): number {
  const ambiguous = Math.max(...whole.branches.map((branch) => ambiguousPieces(branch, NOTHING)))
  const restarts = !whole.anchored && hasRestarts(whole, whole.first)
  return 1 + ambiguous + (restarts ? 1 : 0)
}

function ambiguousPieces(branch: Sequence, after: Characters): number {
  return branch.reduce((sum, piece, index) => {
    const next = followers(branch, index, after)
    const own = piece.many && overlap(piece.first, next) ? 1 : 0
    const inner = piece.kind === 'group' ? Math.max(...piece.branches.map((b) => ambiguousPieces(b, next))) : 0
    return sum + own + inner
  }, 0)
}

/** A search that fails starts again one character on: slow when what it had run over holds further beginnings. */
function hasRestarts(group: Group, first: Characters): boolean {
  return group.branches.some((branch) =>
    branch.some(
      (piece) => (piece.many && overlap(piece.all, first)) || (piece.kind === 'group' && hasRestarts(piece, first)),
    ),
  )
}

/** The longest n with n^power / power! within MOST_STEPS. */
function longestText(power: number): number {
  let ways = 1
  for (let factor = 2; factor <= power; factor++) ways *= factor
  return Math.floor((MOST_STEPS * ways) ** (1 / power))
}

/** What can stand right after piece `index`: the beginnings of the next pieces, as far as they may be skipped. */
function followers(branch: Sequence, index: number, after: Characters): Characters {
  let found = NOTHING
  for (const piece of branch.slice(index + 1)) {
    found = union(found, piece.first)
    if (!piece.optional) return found
  }
  return union(found, after)
}

function union(a: Characters, b: Characters): Characters {
  return new Set([...a, ...b])
}
