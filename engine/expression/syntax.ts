import type jsonata from 'jsonata'
import { DEFAULT_LIMITS, LimitReached, type Limits } from './limits.ts'
import { jsonataPackage } from './package.ts'
import { judgeRegex } from './regex.ts'

/** Text that is no expression, or one that may not run here. */
export class ExpressionSyntaxError extends Error {
  /** JSONata's code (`S0207`), or `unsafe`. */
  readonly code: string
  /** Offset of the fault in the text. */
  readonly position: number

  constructor(code: string, position: number, message: string) {
    super(message)
    this.name = 'ExpressionSyntaxError'
    this.code = code
    this.position = position
  }
}

/** A checked expression, ready for the interpreter or for a look at its tree. */
export interface Program {
  readonly text: string
  readonly runnable: jsonata.Expression
  readonly tree: SyntaxNode
  /** The longest text that each of its regular expressions may be applied to. */
  readonly regexes: ReadonlyMap<RegExp, number>
}

/** A node as the package parses it. Its other properties depend on the type; see `ast()` there. */
export interface SyntaxNode {
  readonly type: string
  readonly value?: unknown
  readonly position?: number
  readonly [property: string]: unknown
}

/** Throws `ExpressionSyntaxError`; what has passed runs under `limits`. */
export function parseExpression(text: string, limits: Limits = DEFAULT_LIMITS): Program {
  const regexes = new Map<RegExp, number>()
  const runnable = parse(text, limits, regexes)
  const tree = runnable.ast() as unknown as SyntaxNode
  for (const node of nodesOf(tree)) {
    if (node.type === 'variable' && node.value === 'eval') throw unsafeEval(node)
    if (node.type === 'regex' && node.value instanceof RegExp) regexes.set(node.value as RegExp, safeLength(text, node))
  }
  return { text, runnable, tree, regexes }
}

/** Every node below and including `root`, in no particular order. */
export function* nodesOf(root: unknown, seen = new Set<unknown>()): Generator<SyntaxNode> {
  if (root === null || typeof root !== 'object' || seen.has(root)) return
  seen.add(root)
  if ('type' in root && typeof root.type === 'string') yield root as SyntaxNode
  for (const part of Object.values(root)) yield* nodesOf(part, seen)
}

function parse(text: string, limits: Limits, regexes: ReadonlyMap<RegExp, number>): jsonata.Expression {
  try {
    return jsonataPackage()(text, {
      timeout: limits.time,
      stack: limits.depth,
      sequence: limits.sequence,
      RegexEngine: boundedRegExp(regexes),
    })
  } catch (thrown) {
    throw syntaxError(text, thrown)
  }
}

/** What the package builds its matchers of: it hands in the literal that stands in the tree. */
export function boundedRegExp(regexes: ReadonlyMap<RegExp, number>): RegExpConstructor {
  return class extends RegExp {
    readonly #maxText: number

    constructor(literal: RegExp) {
      super(literal)
      this.#maxText = regexes.get(literal) ?? 0
    }

    override exec(text: string): RegExpExecArray | null {
      if (text.length > this.#maxText) throw regexLimit(this.#maxText)
      return super.exec(text)
    }
  } as unknown as RegExpConstructor
}

function regexLimit(maxText: number): LimitReached {
  return new LimitReached(`applies a regular expression that backtracks to a text of more than ${maxText} characters`)
}

function safeLength(text: string, node: SyntaxNode): number {
  const verdict = judgeRegex(node.value as RegExp)
  if ('maxText' in verdict) return verdict.maxText
  const end = node.position ?? 0
  const position = Math.max(0, text.lastIndexOf((node.value as RegExp).source, end) - 1)
  throw new ExpressionSyntaxError('unsafe', position, `this regular expression is refused: ${verdict.fault}`)
}

function unsafeEval(node: SyntaxNode): ExpressionSyntaxError {
  const position = Math.max(0, (node.position ?? 0) - '$eval'.length)
  return new ExpressionSyntaxError('unsafe', position, '$eval is not available: data must not become code')
}

/** The package throws plain objects with `code`, `position` (behind the token) and `token`, or what V8 throws. */
function syntaxError(text: string, thrown: unknown): ExpressionSyntaxError {
  const { code, position, token, message } = thrown as Partial<Record<string, unknown>>
  if (thrown instanceof RangeError) return new ExpressionSyntaxError('unsafe', 0, 'the expression is nested too deeply')
  // Only an invalid regular expression comes without a code, and without its place.
  if (typeof code !== 'string')
    return new ExpressionSyntaxError('S0302', Math.max(0, text.indexOf('/')), String(message))
  const end = typeof position === 'number' ? Math.min(position, text.length) : 0
  const sign = String(token ?? '')
  const start = text.startsWith(sign, end - sign.length) ? end - sign.length : end
  return new ExpressionSyntaxError(code, start, sentence(String(message)))
}

function sentence(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1)
}
