import { type CST, isAlias, isMap, isSeq, type ParsedNode, type Scalar } from 'yaml'
import type { FaultLog, Path, Span } from './faults.ts'
import { readScalar } from './scalar-position.ts'

/** A YAML file as a tree in which everything knows its place. */
export type Node = ScalarNode | ListNode | MapNode

export interface ScalarNode extends Span {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
  /** As it is written, with its quotes. */
  readonly written: string
  /** Where the character `index` of a text value stands in the file. */
  offsetOf(index: number): number
}

export interface ListNode extends Span {
  readonly kind: 'list'
  readonly items: readonly Node[]
}

export interface MapNode extends Span {
  readonly kind: 'map'
  readonly entries: readonly Entry[]
}

export interface Entry {
  readonly key: string
  readonly place: Span
  readonly value: Node
}

/** The node at `path` below `root`, and where its key stands; undefined where there is none. */
export function nodeAt(root: Node, path: Path): { node: Node; key: Span | undefined } | undefined {
  let found: { node: Node; key: Span | undefined } | undefined = { node: root, key: undefined }
  for (const step of path) found = found === undefined ? undefined : child(found.node, step)
  return found
}

/** The value of a key; undefined when the node is no map or has no such key. */
export function childOf(node: Node, key: string): Node | undefined {
  return child(node, key)?.node
}

function child(node: Node, step: string | number): { node: Node; key: Span | undefined } | undefined {
  if (node.kind === 'map') {
    const entry = node.entries.find(({ key }) => key === String(step))
    return entry === undefined ? undefined : { node: entry.value, key: entry.place }
  }
  const item = node.kind === 'list' ? node.items[Number(step)] : undefined
  return item === undefined ? undefined : { node: item, key: undefined }
}

const MOST_VALUES = 20_000

/** Turns what the `yaml` package composed into a tree of JSON values with places; undefined when an alias is wrong. */
export function buildTree(contents: ParsedNode | null, text: string, faults: FaultLog): Node | undefined {
  const builder = new TreeBuilder(text, faults)
  const root = builder.build(contents, { start: 0, end: 0 })
  return builder.isWhole ? root : undefined
}

interface Anchored {
  readonly node: Node
  /** How many values it holds. */
  readonly values: number
}

class TreeBuilder {
  isWhole = true
  readonly #text: string
  readonly #faults: FaultLog
  readonly #anchors = new Map<string, Anchored | 'open'>()
  #values = 0

  constructor(text: string, faults: FaultLog) {
    this.#text = text
    this.#faults = faults
  }

  /** `place` is where the value would stand if it were not left out. */
  build(parsed: ParsedNode | null, place: Span): Node {
    this.#values++
    if (parsed === null) return nothing(place)
    const span = { start: parsed.range[0], end: parsed.range[1] }
    if (isAlias(parsed)) return this.#follow(parsed.source, span)
    const { anchor } = parsed
    if (anchor === undefined) return this.#convert(parsed, span)
    const before = this.#values
    this.#anchors.set(anchor, 'open')
    const node = this.#convert(parsed, span)
    this.#anchors.set(anchor, { node, values: this.#values - before })
    return node
  }

  #convert(parsed: ParsedNode, span: Span): Node {
    if (isMap(parsed)) return { kind: 'map', ...span, entries: this.#entries(parsed.items) }
    if (isSeq(parsed)) {
      const items = parsed.items.map((item) => this.build(item as ParsedNode | null, span))
      return { kind: 'list', ...span, items }
    }
    return this.#scalar(parsed as Scalar.Parsed, span)
  }

  /** Of a key that stands twice, which is a fault already, the first counts. */
  #entries(pairs: readonly { key: unknown; value: unknown }[]): Entry[] {
    const entries = new Map<string, Entry>()
    for (const pair of pairs) {
      const key = pair.key as Scalar.Parsed
      const place = { start: key.range[0], end: key.range[1] }
      const name = String(key.value)
      if (key.type === 'PLAIN' && key.source === '<<') this.#mergeFault(place)
      const value = this.build(pair.value as ParsedNode | null, place)
      if (!entries.has(name)) entries.set(name, { key: name, place, value })
    }
    return [...entries.values()]
  }

  /** Taken as a key like any other, it would leave a component without its type, and the blame elsewhere. */
  #mergeFault(at: Span): void {
    const message = '"<<" merges nothing: YAML 1.2 has no merge keys'
    this.#faults.add({ code: 'SR_UNKNOWN_KEY', at, message, hint: 'write its keys out' })
    this.isWhole = false
  }

  /** The same node again. What it holds counts each time, so that a few lines cannot stand for millions (CF-01). */
  #follow(name: string, span: Span): Node {
    const anchored = this.#anchors.get(name)
    if (anchored === undefined) return this.#aliasFault(span, `there is no anchor "&${name}" above this alias`)
    if (anchored === 'open') return this.#aliasFault(span, 'the alias stands inside what it refers to')
    this.#values += anchored.values
    if (this.#values <= MOST_VALUES) return anchored.node
    return this.#aliasFault(span, `the aliases of this file expand to more than ${MOST_VALUES} values`)
  }

  #aliasFault(at: Span, message: string): Node {
    if (this.#values <= MOST_VALUES || this.isWhole) this.#faults.add({ code: 'SR_YAML_ALIAS', at, message })
    this.isWhole = false
    return nothing(at)
  }

  #scalar(parsed: Scalar.Parsed, span: Span): Node {
    const written = this.#text.slice(span.start, span.end)
    const { value } = parsed
    if (
      typeof value === 'number' &&
      Number.isInteger(value) &&
      !Number.isSafeInteger(value) &&
      !/[.eE]/.test(written)
    ) {
      this.#faults.add({
        code: 'SR_YAML_INTEGER',
        at: span,
        message: `${written} is too large: a whole number is exact up to ${Number.MAX_SAFE_INTEGER}`,
        hint: `quote it if it is text: "${written}"`,
      })
    }
    const token = parsed.srcToken as CST.FlowScalar | CST.BlockScalar | undefined
    return new TextOrNumber(value as ScalarNode['value'], written, span, token)
  }
}

/** Places inside a scalar are asked for only where something is wrong: they are worked out then. */
class TextOrNumber implements ScalarNode {
  readonly kind = 'scalar'
  readonly value: ScalarNode['value']
  readonly written: string
  readonly start: number
  readonly end: number
  readonly #token: CST.FlowScalar | CST.BlockScalar | undefined
  #offsets: readonly number[] | undefined

  constructor(value: ScalarNode['value'], written: string, span: Span, token?: CST.FlowScalar | CST.BlockScalar) {
    this.value = value
    this.written = written
    this.start = span.start
    this.end = span.end
    this.#token = token
  }

  offsetOf(index: number): number {
    this.#offsets ??= this.#token === undefined ? [] : readScalar(this.#token).offsets
    return this.#offsets[index] ?? this.#offsets.at(-1) ?? this.start
  }
}

function nothing(span: Span): ScalarNode {
  return new TextOrNumber(null, '', span)
}
