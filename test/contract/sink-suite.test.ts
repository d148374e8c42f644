import { describe, expect, it } from 'vitest'
import { defineSink, type Json, retryable, type Sink, type SinkContext } from '../../engine/plugin.ts'
import { brokenPromises, collectingSink, describeSink, type SinkFixture, type SinkPlace, sinkClauses } from './index.ts'

for (const delivery of ['exactly-once', 'at-least-once'] as const) {
  for (const codec of ['json', 'lines', undefined]) {
    const chosen = codec === undefined ? { delivery } : { delivery, codec }
    describeSink(`testing-collect, ${delivery}, codec ${codec}`, collectingFixture(chosen))
  }
}

/** Its destination outlives a run, so each test has a plugin of its own behind one face. */
function collectingFixture(chosen: { delivery: 'exactly-once' | 'at-least-once'; codec?: string }): SinkFixture {
  let sink = collectingSink(chosen)
  const { plugin } = sink
  return {
    ...chosen,
    plugin: { ...plugin, open: (options, context) => sink.plugin.open(options, context) },
    prepare: () => {
      sink = collectingSink(chosen)
      sink.refuse((value) => JSON.stringify(value)?.includes('refused') === true)
      const collected = sink
      return { options: {}, read: async () => [collected.values] }
    },
    interrupt: () => sink.failNext(1),
    refused: 'refused',
  }
}

type Flaw = (sink: PlainSink, context: SinkContext) => Partial<Sink<number>>

const FLAWS: readonly [string, Flaw, string][] = [
  ['is not cut back', () => ({ restore: async () => {} }), 'comes back to exactly its last epoch'],
  [
    'is cut back to nothing',
    (sink) => ({
      restore: async () => {
        sink.written.length = 0
      },
    }),
    'comes back to exactly its last epoch when it is killed: 1',
  ],
  [
    'notes its state too late',
    (sink) => ({
      flush: async () => {
        await null
        return sink.written.length
      },
    }),
    'covers with a flush',
  ],
  ['has a state that is no JSON', () => ({ flush: async () => Number.NaN }), 'gives plain JSON'],
  [
    'loses the first record of a batch',
    (sink) => ({ write: async ({ records }) => sink.take(records.slice(1).map(({ value }) => value)) }),
    'shows every record once',
  ],
  [
    'turns a batch round',
    (sink) => ({ write: async ({ records }) => sink.take(records.toReversed().map(({ value }) => value)) }),
    'in order',
  ],
  [
    'keeps what it took of a write that failed',
    (sink) => ({
      write: async ({ records }) => {
        const values = records.map(({ value }) => value)
        const failing = sink.failing
        sink.failing = false
        sink.take(failing ? values.slice(1) : values)
        if (failing) throw retryable('full')
      },
    }),
    'shows nothing twice',
  ],
  ['keeps what it has encoded for later', encodedForLater, 'shows every record once'],
]

function encodedForLater(sink: PlainSink, context: SinkContext): Partial<Sink<number>> {
  const waiting: Uint8Array[] = []
  return {
    write: async (batch) => void waiting.push(...context.encode(batch)),
    flush: async () => {
      const lines = Buffer.concat(waiting.splice(0)).toString().split('\n').slice(0, -1)
      sink.take(lines.map((line) => JSON.parse(line)))
      return sink.written.length
    },
  }
}

describe('the suite of sinks', () => {
  it.each(FLAWS)('catches one that %s', async (_, flaw, title) => {
    const broken = await brokenPromises(sinkClauses(plainFixture(flaw)))
    expect(broken.filter((one) => one.includes(title))).not.toEqual([])
  })

  it('is content with one that does nothing wrong', async () => {
    expect(await brokenPromises(sinkClauses(plainFixture(() => ({}))))).toEqual([])
  })
})

/** A destination without any fault. */
class PlainSink implements SinkPlace {
  readonly options = {}
  readonly written: Json[] = []
  failing = false

  take(values: readonly Json[]): void {
    this.written.push(...values)
  }

  async read(): Promise<readonly Json[][]> {
    return [this.written]
  }

  open(): Sink<number> {
    return {
      write: async ({ records }) => {
        const failing = this.failing
        this.failing = false
        if (failing) throw retryable('full')
        this.take(records.map(({ value }) => value))
      },
      flush: () => Promise.resolve(this.written.length),
      restore: async (length = 0) => {
        this.written.length = length
      },
    }
  }
}

function plainFixture(flaw: Flaw): SinkFixture<PlainSink> {
  let place = new PlainSink()
  const open = (_: unknown, context: SinkContext) => ({ ...place.open(), ...flaw(place, context) }) as unknown as Sink
  const summary = 'Does what a test says.'
  return {
    plugin: defineSink({ type: 'flawed', summary, delivery: 'exactly-once', options: {}, open }),
    prepare: () => {
      place = new PlainSink()
      return place
    },
    interrupt: (one) => {
      one.failing = true
    },
  }
}
