import { headerText, type Json, type JsonObject, type StreamRecord } from '../record.ts'
import { nodesOf, type SyntaxNode } from './syntax.ts'

/** The text variables of a definition that `$env` holds. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What an expression can ask of a record beside its value, by the name after the `$`. */
export type Binding = (record: StreamRecord) => Json

/** Makes what an expression names of a record, and only that; undefined when it names nothing. */
export function recordBindings(
  tree: SyntaxNode,
  environment: Environment,
): ((record: StreamRecord) => Record<string, Json>) | undefined {
  const named = new Set([...nodesOf(tree)].filter(({ type }) => type === 'variable').map(({ value }) => value))
  const used = [...bindingsWith(environment)].filter(([name]) => named.has(name))
  if (used.length === 0) return undefined
  return (record) => {
    const bound: Record<string, Json> = {}
    for (const [name, of] of used) bound[name] = of(record)
    return bound
  }
}

function bindingsWith(environment: Environment): ReadonlyMap<string, Binding> {
  return new Map<string, Binding>([
    ['key', keyText],
    ['timestamp', (record) => record.timestamp],
    ['headers', headersByName],
    [
      'origin',
      ({ origin }) => ({ component: origin.component, partition: origin.partition, position: origin.position }),
    ],
    ['env', () => environment as JsonObject],
  ])
}

/** What is bound beside the value of a record. */
export const BINDING_NAMES: readonly string[] = [...bindingsWith({}).keys()]

function keyText({ key }: StreamRecord): string | null {
  return key instanceof Uint8Array ? Buffer.from(key).toString('utf8') : key
}

/** The last header of a name counts. `fromEntries` makes even `__proto__` a plain own property (CF-10). */
function headersByName({ headers }: StreamRecord): Json {
  return Object.fromEntries(headers.map(({ name }) => [name, headerText(headers, name) ?? null]))
}
