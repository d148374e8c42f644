import { describe, expect, it } from 'vitest'
import { defineSource, type Json, makeRecord, recordsBatch, type SourceBatch } from '../../engine/plugin.ts'
import {
  brokenPromises,
  describeSource,
  framesOf,
  lines,
  listSource,
  pause,
  records,
  type SourceFixture,
  sourceClauses,
  unreadable,
} from './index.ts'

describeSource('testing-list, of records', {
  plugin: listSource(records(1, 2), records(), records({ a: 3 }), unreadable('x'), records(4)).plugin,
  prepare: () => ({ options: {}, records: [[1, 2, { a: 3 }, 4]], failed: ['SR_LINE_TOO_LONG'] }),
})

describeSource('testing-list, of lines', {
  plugin: listSource(lines('a', 'ü'), lines(''), lines('b', 'c')).plugin,
  prepare: () => ({ options: {}, records: [['a', 'ü', '', 'b', 'c']] }),
})

describe('a list that stands at a pause', () => {
  it('ends when it is told to stop', async () => {
    const { plugin } = listSource(records(1), records(2), records(3), pause(), records(4))
    const fixture: SourceFixture = {
      plugin,
      prepare: () => ({ options: {}, endless: {}, records: [[1, 2, 3]] }),
    }
    const waits = sourceClauses(fixture).filter(({ title }) => title.startsWith('ends while it waits'))
    expect(waits).toHaveLength(1)
    expect(await brokenPromises(waits)).toEqual([])
  })
})

/** What may be wrong with a source. */
interface Nature {
  readonly resumeAt: (position: number) => number
  readonly stops: boolean
  readonly buffers: 'fresh' | 'shared'
  readonly caughtUp: (isLast: boolean) => boolean
  readonly position: (next: number) => Json
  readonly origin: string
}

const SOUND: Nature = {
  resumeAt: (position) => position,
  stops: true,
  buffers: 'fresh',
  caughtUp: (isLast) => isLast,
  position: (next) => next,
  origin: 'tested',
}

const FLAWS: readonly [string, Partial<Nature>, string][] = [
  ['repeats a batch after a restart', { resumeAt: (at) => Math.max(0, at - 1) }, 'reads exactly the rest'],
  ['skips a batch after a restart', { resumeAt: (at) => (at > 0 ? at + 1 : 0) }, 'reads exactly the rest'],
  ['reads on when it is told to stop', { stops: false }, 'ends between two batches'],
  ['uses a buffer again too early', { buffers: 'shared' }, 'keeps the bytes'],
  ['always claims that nothing more is there', { caughtUp: () => true }, 'says that nothing more is there'],
  ['never says that nothing more is there', { caughtUp: () => false }, 'says that nothing more is there'],
  ['has positions that are no JSON', { position: (next) => [next, undefined] as unknown as Json }, 'plain JSON'],
  ['names another origin', { origin: 'another' }, 'the origin that it was read at'],
]

describe('the suite of sources', () => {
  it.each(FLAWS)('catches one that %s', async (_, flaw, title) => {
    const broken = await brokenPromises(sourceClauses(fixtureOf({ ...SOUND, ...flaw })))
    expect(broken.filter((one) => one.includes(title))).not.toEqual([])
  })

  it('is content with one that does nothing wrong', async () => {
    expect(await brokenPromises(sourceClauses(fixtureOf(SOUND)))).toEqual([])
  })
})

const TEXTS = ['one', 'two', 'three', 'four', 'five']

/** A source of texts, one a batch: the first half as frames, the rest as records. */
function fixtureOf(nature: Nature): SourceFixture {
  const plugin = defineSource({
    type: 'flawed',
    summary: 'Does what a test says.',
    delivery: 'replayable',
    codec: true,
    options: {},
    open: (_, context) => ({
      async *batches() {
        const stored = await context.resume('texts')
        const from = nature.resumeAt(Number(Array.isArray(stored) ? stored[0] : (stored ?? 0)))
        const shared = Buffer.alloc(10)
        for (let at = from; at < TEXTS.length && !(nature.stops && context.stopping.aborted); at++) {
          yield batchOf(at, nature, shared)
        }
      },
    }),
  })
  return { plugin, prepare: () => ({ options: {}, records: [TEXTS] }) }
}

function batchOf(at: number, nature: Nature, shared: Buffer): SourceBatch {
  const text = TEXTS[at] as string
  const about = {
    partition: 'texts',
    position: nature.position(at + 1),
    caughtUp: nature.caughtUp(at === TEXTS.length - 1),
  }
  if (at > 2) {
    const origin = { component: nature.origin, partition: 'texts', position: at }
    return { ...about, records: recordsBatch([makeRecord({ value: text, timestamp: 1, origin })]) }
  }
  const frames = framesOf([text])
  if (nature.buffers === 'fresh') return { ...about, frames }
  frames.data.copy(shared)
  return { ...about, frames: { ...frames, data: shared } }
}
