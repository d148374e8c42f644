/**
 * An expression as the grammar wrote it: text, and branches that are expressions of their own. It keeps enough of its
 * making for a counter-example to be made smaller.
 */
export type Tree = string | Branch

export interface Branch {
  /** What the grammar calls it: tests ask whether every kind has been reached. */
  readonly kind: string
  readonly parts: readonly Tree[]
  /** Stands between the parts of a list, any of which can be left out. */
  readonly separator?: string
}

/** Makes a branch of a template: tree('sum')`${left} + ${right}`. */
export function tree(kind: string): (texts: TemplateStringsArray, ...parts: readonly Tree[]) => Branch {
  return (texts, ...parts) => ({
    kind,
    parts: texts.flatMap((text, index) => [text, parts[index] ?? '']).filter((part) => part !== ''),
  })
}

export function list(parts: readonly Tree[], separator = ', '): Branch {
  return { kind: 'list', parts, separator }
}

export function textOf(from: Tree): string {
  return typeof from === 'string' ? from : from.parts.map(textOf).join(from.separator ?? '')
}

export function* kindsOf(from: Tree): Generator<string> {
  if (typeof from === 'string') return
  yield from.kind
  for (const part of from.parts) yield* kindsOf(part)
}

/** Shorter trees, the shortest first. Not every one is an expression: whoever tries them skips what does not parse. */
export function* smallerTrees(whole: Tree): Generator<Tree> {
  const { length } = textOf(whole)
  for (const smaller of [...simplest(whole), ...hoisted(whole), ...thinned(whole), ...withSmallerPart(whole)]) {
    if (textOf(smaller).length < length) yield smaller
  }
}

function simplest(whole: Tree): Tree[] {
  return typeof whole === 'string'
    ? []
    : ['a', '1', '""', '{}', '[]', 'null'].filter(() => whole.separator === undefined)
}

/** A branch in the place of what it is part of. */
function hoisted(whole: Tree): Tree[] {
  if (typeof whole === 'string') return []
  return whole.parts.flatMap((part) => {
    if (typeof part === 'string') return []
    return part.separator === undefined ? [part] : part.parts.filter((item) => typeof item !== 'string')
  })
}

/** A list without one of its items. */
function thinned(whole: Tree): Tree[] {
  if (typeof whole === 'string' || whole.separator === undefined) return []
  return whole.parts.map((_, index) => ({ ...whole, parts: whole.parts.toSpliced(index, 1) }))
}

function* withSmallerPart(whole: Tree): Generator<Tree> {
  if (typeof whole === 'string') return
  for (const [index, part] of whole.parts.entries()) {
    for (const smaller of smallerTrees(part)) yield { ...whole, parts: whole.parts.with(index, smaller) }
  }
}
