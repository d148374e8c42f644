import type { SyntaxNode } from '../syntax.ts'
import type { Code } from './code.ts'

/** The variables of one frame: the whole expression, a block, a function, or what a path binds on its way. */
export interface Scope {
  readonly parent: Scope | undefined
  readonly variables: Map<string, Variable>
  /** The name of the tuple that a path hands in, and the line where variables are taken out of it. */
  readonly tuple?: { readonly js: string; readonly names: ReadonlySet<string>; readonly line: number }
}

export interface Variable {
  readonly js: string
  /** False while a read may come before anything is bound. */
  bound: boolean
}

/** Opens a frame and declares what is bound in it by `:=`. */
export function openFrame(code: Code, parent: Scope | undefined, parts: readonly SyntaxNode[]): Scope {
  const scope: Scope = { parent, variables: new Map() }
  declare(code, scope, parts)
  return scope
}

export function declare(code: Code, scope: Scope, parts: readonly SyntaxNode[]): void {
  for (const name of boundNames(parts)) {
    if (!scope.variables.has(name)) scope.variables.set(name, { js: code.let('UNBOUND'), bound: false })
  }
}

/** A JavaScript expression for the variable; `global` is what it is when no frame has it. */
export function readVariable(code: Code, scope: Scope, name: string, global: () => string): string {
  const candidates: string[] = []
  for (let frame: Scope | undefined = scope; frame !== undefined; frame = frame.parent) {
    const variable = frame.variables.get(name) ?? fromTuple(code, frame, name)
    if (variable === undefined) continue
    candidates.push(variable.js)
    if (variable.bound) return choose(candidates)
  }
  return candidates.length === 0 ? global() : choose([...candidates, global()])
}

/** True when some frame may hold it. */
export function isLexical(scope: Scope, name: string): boolean {
  for (let frame: Scope | undefined = scope; frame !== undefined; frame = frame.parent) {
    if (frame.variables.has(name) || frame.tuple?.names.has(name)) return true
  }
  return false
}

function fromTuple(code: Code, { tuple, variables }: Scope, name: string): Variable | undefined {
  if (!tuple?.names.has(name)) return undefined
  const variable = { js: code.name(), bound: false }
  const key = code.constant(name)
  const { js, line } = tuple
  code.fill(line, `let ${variable.js} = ${js} !== undefined && ${key} in ${js} ? ${js}[${key}] : UNBOUND;`)
  variables.set(name, variable)
  return variable
}

function choose(candidates: readonly string[]): string {
  const last = candidates.at(-1) as string
  return candidates.slice(0, -1).reduceRight((rest, js) => `(${js} !== UNBOUND ? ${js} : ${rest})`, last)
}

/** The names that `:=` binds in the frame that these parts are evaluated in. */
export function boundNames(parts: readonly unknown[]): ReadonlySet<string> {
  const names = new Set<string>()
  for (const part of parts) collectBound(part, names)
  return names
}

function collectBound(part: unknown, names: Set<string>): void {
  if (part === null || typeof part !== 'object' || part instanceof RegExp) return
  const { type, lhs, thunk } = part as SyntaxNode
  if (type === 'block') return
  // A tail call is evaluated in the frame of the function around it.
  if (type === 'lambda' && thunk !== true) return
  if (type === 'bind') names.add((lhs as SyntaxNode).value as string)
  for (const [property, value] of Object.entries(part)) if (property !== 'seekingParent') collectBound(value, names)
}
