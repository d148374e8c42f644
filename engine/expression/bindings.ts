import { headerText, type Json, type JsonObject, type StreamRecord } from '../record.ts'

/** The text variables of a definition that `$env` holds. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What an expression can ask of a record beside its value, by the name after the `$`. */
export type Binding = (record: StreamRecord) => Json

export function bindingsWith(environment: Environment): ReadonlyMap<string, Binding> {
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
