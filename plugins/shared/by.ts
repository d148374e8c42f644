import {
  type Context,
  type Expression,
  type Json,
  RecordError,
  type StreamRecord,
  type SyntaxNode,
  syntaxTree,
} from '../../engine/plugin.ts'

/** One part of what windows are kept apart by. */
export interface KeyPart {
  /** The field of the results that holds it. */
  readonly name: string
  readonly text: string
  /** Where it stands in the option. */
  readonly place: readonly (string | number)[]
}

/** What `by` says, an expression, a list or a map of them. */
export type By = string | readonly string[] | ReadonlyMap<string, string>

export function keyParts(by: By | undefined): readonly KeyPart[] {
  if (by === undefined) return []
  if (typeof by === 'string') return [{ name: nameOf(by), text: by, place: [] }]
  if (by instanceof Map) return [...by].map(([name, text]) => ({ name, text, place: [name] }))
  return (by as readonly string[]).map((text, index) => ({ name: nameOf(text), text, place: [index] }))
}

/** The last name of a path, else `key`. */
function nameOf(text: string): string {
  const tree = syntaxTree(text)
  const last = tree.type === 'path' ? (tree.steps as readonly SyntaxNode[]).at(-1) : undefined
  return last?.type === 'name' ? String(last.value) : 'key'
}

/**
 * The key of a record as one text, from which `valuesOf` makes the values again: equal values have equal texts, and
 * `1` and `"1"` different ones. A single text is its own: it needs no work.
 */
export function keyOf(values: readonly (Json | undefined)[], parts: readonly KeyPart[]): string {
  if (parts.length === 0) return ''
  const only = values[0]
  if (parts.length === 1 && typeof only === 'string' && only.charCodeAt(0) !== 0) return only
  for (let index = 0; index < parts.length; index++) check(values[index], parts[index] as KeyPart)
  return parts.length === 1 ? `\0${JSON.stringify(only)}` : JSON.stringify(values)
}

/** The values that a key was made of. */
export function valuesOf(key: string, parts: readonly KeyPart[]): readonly Json[] {
  if (parts.length === 0) return []
  if (parts.length > 1) return JSON.parse(key) as readonly Json[]
  return [key.charCodeAt(0) === 0 ? (JSON.parse(key.slice(1)) as Json) : key]
}

/** What a key may be made of. */
export function isKeyValue(value: Json | undefined): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
}

function check(value: Json | undefined, { text }: KeyPart): void {
  if (isKeyValue(value)) return
  if (value === undefined || value === null) {
    throw new RecordError('SR_EXPRESSION_EMPTY', `\`by\` yields nothing: ${text}`, { expression: text })
  }
  throw new RecordError('SR_RECORD_SHAPE', `\`by\` yields no text, number or boolean: ${text}`, { expression: text })
}

/** Works out the key of one record at a time; throws, or rejects with, a `RecordError` for a record without one. */
export interface KeyReader {
  readonly parts: readonly KeyPart[]
  evaluate(record: StreamRecord): string | Promise<string>
}

export function keyReader(by: By | undefined, { expression }: Pick<Context, 'expression'>): KeyReader {
  const parts = keyParts(by)
  const expressions = parts.map(({ text }) => expression(text))
  const values: (Json | undefined)[] = []
  const later = async (record: StreamRecord, pending: Promise<Json | undefined>, index: number) => {
    const before = values.slice(0, index)
    const rest = expressions.slice(index + 1).map((one) => one.evaluate(record))
    return keyOf([...before, ...(await Promise.all([pending, ...rest]))], parts)
  }
  return {
    parts,
    evaluate(record) {
      for (let index = 0; index < expressions.length; index++) {
        const value = (expressions[index] as Expression).evaluate(record)
        // Only then, and for this record alone, is there anything to wait for.
        if (value instanceof Promise) return later(record, value, index)
        values[index] = value
      }
      return keyOf(values, parts)
    },
  }
}
