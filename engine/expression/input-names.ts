import { nodesOf, type SyntaxNode } from './syntax.ts'

/** A field that an expression looks up in its input itself. */
export interface InputName {
  readonly name: string
  /** Offset in the expression, and how many characters it takes. */
  readonly position: number
  readonly length: number
}

/**
 * Names that can mean nothing but a field of the input: not those below other names, in predicates and behind
 * wildcards. What `$exists` or `??` asks for anywhere may be missing and is left out.
 */
export function inputNames(tree: SyntaxNode, text: string): readonly InputName[] {
  const asked = new Set(askedFor(tree).map(({ value }) => value))
  return namesIn(tree)
    .filter(({ value }) => !asked.has(value))
    .map((node) => placed(node, text))
}

function askedFor(tree: SyntaxNode): SyntaxNode[] {
  return [...nodesOf(tree)].filter(isExists).flatMap((call) => all(call.arguments))
}

function isExists({ type, procedure }: SyntaxNode): boolean {
  return type === 'function' && (procedure as SyntaxNode).value === 'exists'
}

/** `part` is evaluated with the input as its context. */
function namesIn(part: SyntaxNode): SyntaxNode[] {
  switch (part.type) {
    case 'name':
      return [part]
    case 'path':
      return firstOf(part.steps as readonly SyntaxNode[])
    case 'binary':
    case 'apply':
      return all([part.lhs, part.rhs])
    case 'bind':
      return all([part.rhs])
    case 'condition':
      return all([part.condition, part.then, part.else])
    case 'block':
      return all(part.expressions)
    case 'function':
    case 'partial':
      return all([part.procedure, ...(part.arguments as readonly unknown[])])
    case 'lambda':
      return all([part.body])
    case 'unary':
      return part.value === '{'
        ? all((part.lhs as readonly unknown[]).flat())
        : all(part.expressions ?? part.expression)
    default:
      return []
  }
}

/** The rest of a path is looked up in what stands before it, which for `$` is the input again. */
function firstOf([first, second]: readonly SyntaxNode[]): SyntaxNode[] {
  if (first === undefined) return []
  const isInput = first.type === 'variable' && first.value === '' && second?.type === 'name'
  return isInput ? [second] : namesIn(first)
}

function all(parts: unknown): SyntaxNode[] {
  return [parts]
    .flat()
    .filter((part) => part !== undefined)
    .flatMap((part) => namesIn(part as SyntaxNode))
}

/** The parser notes where a token ends; a name may stand in backquotes. */
function placed({ value, position = 0 }: SyntaxNode, text: string): InputName {
  const name = String(value)
  const length = text.charAt(position - 1) === '`' ? name.length + 2 : name.length
  return { name, position: position - length, length }
}
