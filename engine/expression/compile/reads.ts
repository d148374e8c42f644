import { nodesOf, type SyntaxNode } from '../syntax.ts'
import { contextOf } from './native-calls.ts'
import { node, nodes } from './place.ts'

/**
 * The paths of the input that an expression can touch, each with all that is below it; a path goes on in every item of
 * an array. What no path leads to, the expression yields the same without: fields, but not the items of arrays.
 */
export type Reads = 'everything' | readonly Path[]

export const EVERYTHING: Reads = 'everything'

type Path = readonly string[]

/** Where in the input a value may come from; empty for one that is computed. */
type Origins = readonly Path[]

/** The signature of a native, as far as the name is not taken by a variable. */
export type SignatureOf = (name: string) => string | undefined

export function readsOf(tree: SyntaxNode, signatureOf: SignatureOf): Reads {
  if ([...nodesOf(tree)].some(({ type, tuple }) => type === 'transform' || tuple === true)) return EVERYTHING
  const reader = new Reader(signatureOf)
  reader.use(reader.visit(tree, ROOT))
  const paths = reader.paths()
  return paths.some((path) => path.length === 0) ? EVERYTHING : paths
}

const ROOT: Origins = [[]]

class Reader {
  readonly #used = new Map<string, Path>()
  readonly #signatureOf: SignatureOf

  constructor(signatureOf: SignatureOf) {
    this.#signatureOf = signatureOf
  }

  /** Without those that are below others. */
  paths(): readonly Path[] {
    const all = [...this.#used.values()]
    return all.filter((path) => !all.some((other) => other.length < path.length && isBelow(path, other)))
  }

  use(origins: Origins): void {
    for (const path of origins) this.#used.set(JSON.stringify(path), path)
  }

  visit(part: SyntaxNode, context: Origins): Origins {
    let origins = this.#visitBare(part, context)
    for (const predicate of nodes(part.predicate)) origins = this.#filter(node(predicate.expr), origins)
    return part.group === undefined ? origins : this.#group(node(part.group), origins)
  }

  #visitBare(part: SyntaxNode, context: Origins): Origins {
    switch (part.type) {
      case 'path':
        return this.#path(nodes(part.steps), context)
      case 'name':
        return context.map((path) => [...path, part.value as string])
      case 'variable':
        return part.value === '' ? context : part.value === '$' ? ROOT : []
      case 'condition':
        this.use(this.visit(node(part.condition), context))
        return [part.then, part.else].flatMap((branch) => (branch ? this.visit(node(branch), context) : []))
      case 'block':
        return this.#block(nodes(part.expressions), context)
      case 'wildcard':
      case 'descendant':
        this.use(context)
        return context
      case 'function':
        this.#callContext(part, context)
        return this.#useAll([node(part.procedure), ...nodes(part.arguments)], context)
      case 'apply':
        return this.#useAll([node(part.lhs), node(part.rhs)], context)
      default:
        return this.#useAll(childrenOf(part), context)
    }
  }

  /** The value of the last stands for the block, the others are used. */
  #block(parts: readonly SyntaxNode[], context: Origins): Origins {
    this.#useAll(parts.slice(0, -1), context)
    const last = parts.at(-1)
    return last === undefined ? [] : this.visit(last, context)
  }

  #useAll(parts: readonly SyntaxNode[], context: Origins): Origins {
    for (const part of parts) this.use(this.visit(part, context))
    return []
  }

  #path(steps: readonly SyntaxNode[], context: Origins): Origins {
    let origins = context
    for (const step of steps) {
      origins = step.type === 'sort' ? this.#sort(step, origins) : this.#step(step, origins)
      for (const stage of nodes(step.stages)) origins = this.#filter(node(stage.expr), origins)
    }
    return origins
  }

  /** How often a step is evaluated depends on what it is evaluated for, even if it does not look at it. */
  #step(step: SyntaxNode, context: Origins): Origins {
    const origins = this.visit(step, context)
    for (const path of context) {
      const isTouched = [...origins, ...this.#used.values()].some((other) => isBelow(other, path))
      if (!isTouched) this.use([path])
    }
    return origins
  }

  #filter(predicate: SyntaxNode, origins: Origins): Origins {
    if (predicate.type !== 'number') this.use(this.visit(predicate, origins))
    return origins
  }

  #sort(step: SyntaxNode, origins: Origins): Origins {
    for (const term of nodes(step.terms)) this.use(this.visit(node(term.expression), origins))
    return origins
  }

  #group(group: SyntaxNode, origins: Origins): Origins {
    for (const [key, value] of group.lhs as readonly (readonly [SyntaxNode, SyntaxNode])[]) {
      this.use(this.visit(key, origins))
      this.use(this.visit(value, origins))
    }
    this.use(origins.filter((path) => ![...this.#used.values()].some((other) => isBelow(other, path))))
    return []
  }

  /** The context can stand in for arguments that a signature misses. */
  #callContext({ procedure, arguments: args }: SyntaxNode, context: Origins): void {
    const { type, value } = node(procedure)
    // A function that is written where it is called has no signature, or says so.
    if (type === 'lambda' && node(procedure).signature === undefined) return
    const signature = type === 'variable' ? this.#signatureOf(value as string) : undefined
    if (signature === undefined || contextOf(signature, nodes(args).length)) this.use(context)
  }
}

/** True for a path that is `above` or leads on from there. */
function isBelow(path: Path, above: Path): boolean {
  return above.every((name, index) => path[index] === name)
}

function childrenOf(part: SyntaxNode): SyntaxNode[] {
  const { lhs, rhs, expression, expressions, procedure, arguments: args, body } = part
  const pairs = part.type === 'unary' && part.value === '{' ? (lhs as readonly (readonly SyntaxNode[])[]).flat() : [lhs]
  const all = [...pairs, rhs, expression, ...nodes(expressions), procedure, ...nodes(args), body]
  return all.filter((child): child is SyntaxNode => child !== undefined && (child as SyntaxNode).type !== undefined)
}
