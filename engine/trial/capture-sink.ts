import type { Input, SinkComponent } from '../config/definition.ts'
import { defineSink, headerText } from '../plugin.ts'
import type { Json, StreamRecord } from '../record.ts'

/** A record as it left, on its own: what it came from may be gone. */
export interface Captured {
  readonly value: Json
  readonly key: string | null
  /** Epoch milliseconds. */
  readonly timestamp: number
  readonly headers: { readonly [name: string]: string }
}

/** What stands in the place of a sink: keeps what it is given. */
export class Capture {
  readonly records: Captured[] = []

  /** `component`, writing here: what it reads stays, and so does its guarantee. */
  inPlaceOf(component: SinkComponent): SinkComponent {
    return { ...component, plugin: this.#plugin(), codec: undefined, options: {}, check: { delivery: 'exactly-once' } }
  }

  /** A sink that was not there, for what would go nowhere else. */
  besides(name: string, input: Input): SinkComponent {
    return {
      kind: 'sink',
      name,
      type: 'capture',
      plugin: this.#plugin(),
      options: {},
      check: {},
      place: { line: 1, column: 1 },
      inputs: [input],
      codec: undefined,
      delivery: undefined,
      retry: { attempts: undefined, delay: 1, maxDelay: 1 },
    }
  }

  #plugin() {
    return defineSink({
      type: 'capture',
      summary: 'Keeps what it is given.',
      delivery: 'exactly-once',
      options: {},
      open: () => ({
        write: async ({ records }) => void this.records.push(...records.map(capturedOf)),
        // What is kept is kept: a trial is never cut back, because it restarts only when everything is committed.
        flush: async () => null,
        restore: async () => {},
      }),
    })
  }
}

function capturedOf({ value, key, timestamp, headers }: StreamRecord): Captured {
  const names = [...new Set(headers.map(({ name }) => name))]
  return {
    value,
    key: key === null || typeof key === 'string' ? key : Buffer.from(key).toString('utf8'),
    timestamp,
    headers: Object.fromEntries(names.map((name) => [name, headerText(headers, name) ?? ''])),
  }
}
