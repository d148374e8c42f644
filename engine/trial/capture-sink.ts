import type { Input, SinkComponent } from '../config/definition.ts'
import { RecordError } from '../errors.ts'
import { defineSink, headerText, type KeyOf, PartialWriteError } from '../plugin.ts'
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
    return {
      ...component,
      plugin: this.#plugin(component),
      codec: undefined,
      options: {},
      check: { delivery: 'exactly-once' },
    }
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

  /** `replaced`: the sink that says what keys its records get. */
  #plugin(replaced?: SinkComponent) {
    return defineSink({
      type: 'capture',
      summary: 'Keeps what it is given.',
      delivery: 'exactly-once',
      options: {},
      open: (_, context) => {
        const keyOf = replaced?.plugin.keyOf?.(replaced.options as never, context)
        return {
          write: ({ records }) => this.#keep(records, keyOf),
          // What is kept is kept: a trial is never cut back, because it restarts only when everything is committed.
          flush: async () => null,
          restore: async () => {},
        }
      },
    })
  }

  async #keep(records: readonly StreamRecord[], keyOf: KeyOf = ({ key }) => key): Promise<void> {
    const failed = new Map<StreamRecord, RecordError>()
    for (const record of records) {
      try {
        this.records.push(capturedOf(record, await keyOf(record)))
      } catch (error) {
        if (!(error instanceof RecordError)) throw error
        failed.set(record, error)
      }
    }
    if (failed.size > 0) throw new PartialWriteError(failed)
  }
}

function capturedOf({ value, timestamp, headers }: StreamRecord, key: StreamRecord['key']): Captured {
  const names = [...new Set(headers.map(({ name }) => name))]
  return {
    value,
    key: key === null || typeof key === 'string' ? key : Buffer.from(key).toString('utf8'),
    timestamp,
    headers: Object.fromEntries(names.map((name) => [name, headerText(headers, name) ?? ''])),
  }
}
