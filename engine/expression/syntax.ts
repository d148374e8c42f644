import type jsonata from 'jsonata'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { jsonataPackage } from './package.ts'
import { type RegexEngineName, regexEngine } from './regex-engine.ts'

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
  /** What its regular expressions run in. */
  readonly regexEngine: RegExpConstructor
}

/** A node as the package parses it. Its other properties depend on the type; see `ast()` there. */
export interface SyntaxNode {
  readonly type: string
  readonly value?: unknown
  readonly position?: number
  readonly [property: string]: unknown
}

export interface ParseOptions {
  readonly limits?: Limits
  /** Left out: `javascript`. */
  readonly engine?: RegexEngineName | undefined
}

/** Throws `ExpressionSyntaxError`; what has passed runs under `limits`. */
export function parseExpression(text: string, { limits = DEFAULT_LIMITS, engine }: ParseOptions = {}): Program {
  const regexes = regexEngine(engine ?? 'javascript')
  const runnable = parse(text, limits, regexes.RegExp)
  const tree = runnable.ast() as unknown as SyntaxNode
  if (isDeep(tree)) throw tooDeep()
  for (const node of nodesOf(tree)) {
    if (node.type === 'variable' && node.value === 'eval') throw unsafeEval(node)
    const fault = node.type === 'regex' && node.value instanceof RegExp ? regexes.prepare(node.value) : undefined
    if (fault !== undefined) throw unsafeRegex(text, node, fault)
  }
  return { text, runnable, tree, regexEngine: regexes.RegExp }
}

/** The tree of a text that has passed, to be looked at and not to run: it does not matter what its regular expressions run in. */
export function syntaxTree(text: string): SyntaxNode {
  return parse(text, DEFAULT_LIMITS, RegExp).ast() as unknown as SyntaxNode
}

/** Every node below and including `root`, in no particular order. */
export function* nodesOf(root: unknown, seen = new Set<unknown>()): Generator<SyntaxNode> {
  if (root === null || typeof root !== 'object' || seen.has(root)) return
  seen.add(root)
  if ('type' in root && typeof root.type === 'string') yield root as SyntaxNode
  for (const part of Object.values(root)) yield* nodesOf(part, seen)
}

/** Without recursion: the parser itself needs none for a chain of operators, but whoever walks its tree does. */
function isDeep(tree: SyntaxNode): boolean {
  const seen = new Set<unknown>()
  let level: unknown[] = [tree]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) return true
    const below = level.flatMap((part) => Object.values(part as object))
    level = below.filter((part) => typeof part === 'object' && part !== null && !seen.has(part))
    for (const part of level) seen.add(part)
  }
  return false
}

/** Objects and lists within each other; 1,000 operators in a chain are as many. */
const DEEPEST = 1000

function parse(text: string, limits: Limits, regexes: RegExpConstructor): jsonata.Expression {
  try {
    return jsonataPackage()(text, {
      timeout: limits.time,
      stack: limits.depth,
      sequence: limits.sequence,
      RegexEngine: regexes,
    })
  } catch (thrown) {
    throw syntaxError(text, thrown)
  }
}

function unsafeRegex(text: string, node: SyntaxNode, fault: string): ExpressionSyntaxError {
  const end = node.position ?? 0
  const position = Math.max(0, text.lastIndexOf((node.value as RegExp).source, end) - 1)
  return new ExpressionSyntaxError('unsafe', position, `this regular expression is refused: ${fault}`)
}

function unsafeEval(node: SyntaxNode): ExpressionSyntaxError {
  const position = Math.max(0, (node.position ?? 0) - '$eval'.length)
  return new ExpressionSyntaxError('unsafe', position, '$eval is not available: data must not become code')
}

/** The package throws plain objects with `code`, `position` (behind the token) and `token`, or what V8 throws. */
function syntaxError(text: string, thrown: unknown): ExpressionSyntaxError {
  const { code, position, token, message } = thrown as Partial<Record<string, unknown>>
  if (thrown instanceof RangeError) return tooDeep()
  // Only an invalid regular expression comes without a code, and without its place.
  if (typeof code !== 'string')
    return new ExpressionSyntaxError('S0302', Math.max(0, text.indexOf('/')), String(message))
  const end = typeof position === 'number' ? Math.min(position, text.length) : 0
  const sign = String(token ?? '')
  const start = text.startsWith(sign, end - sign.length) ? end - sign.length : end
  return new ExpressionSyntaxError(code, start, sentence(String(message)))
}

function tooDeep(): ExpressionSyntaxError {
  return new ExpressionSyntaxError('unsafe', 0, 'the expression is nested too deeply')
}

function sentence(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1)
}
