import { describe, expect, it } from 'vitest'
import { type Batch, framesBatch, recordsBatch } from '../batch.ts'
import { framesOf } from '../codec/frames.fixture.ts'
import { jsonCodec } from '../codec/json.ts'
import { compileExpression, type Expression } from '../expression/index.ts'
import type { Decoder } from '../frames.ts'
import { makeRecord } from '../record.ts'
import { compileTimeFormat } from './format.ts'
import { arrivalTimes, eventTimes, type TimedBatch } from './timestamps.ts'

const NOW = Date.UTC(2026, 0, 1)
const at = (second: number) => new Date(NOW - 60_000 + second * 1000).toISOString()
const byPath: Expression = { text: 'at', evaluate: (record) => (record.value as { at?: string }).at }

/** A batch of JSON lines, and how often one of them was parsed. */
function linesOf(...texts: string[]): { batch: Batch; parsed: () => number } {
  let parsed = 0
  const codec: Decoder = {
    name: 'json',
    decode(data, start, end) {
      parsed += 1
      return JSON.parse(data.toString('utf8', start, end))
    },
  }
  const { good } = jsonCodec().check(framesOf(texts.map((text) => `${text}\n`).join('')), {
    component: 'in',
    partition: 'p',
    timestamp: NOW,
  })
  return { batch: framesBatch({ ...good, codec }), parsed: () => parsed }
}

function read(batch: Batch, from: Expression | 'known' = byPath): TimedBatch | Promise<TimedBatch> {
  const format = compileTimeFormat('iso')
  return eventTimes({ from: from === 'known' ? undefined : from, format, maxFuture: 3_600_000, now: () => NOW })(batch)
}

describe('the times of events', () => {
  it('are read with one parse a record and no promise, and records stay the bytes that they are', () => {
    const { batch, parsed } = linesOf(`{"at":"${at(1)}"}`, `{"at":"${at(3)}"}`, `{"at":"${at(2)}"}`)
    const timed = read(batch) as TimedBatch
    expect(timed.times).toEqual(Float64Array.of(...[1, 3, 2].map((second) => Date.parse(at(second)))))
    expect(timed.batch.records.map(({ timestamp }) => timestamp)).toEqual([...timed.times])
    expect(timed.batch.records.map(({ value }) => value)).toEqual([1, 3, 2].map((second) => ({ at: at(second) })))
    expect(timed.batch.frames).toBeDefined()
    expect(parsed()).toBe(3)
  })

  it('refuse the record alone that has none, or none that can be taken', () => {
    const { batch } = linesOf(`{"at":"${at(1)}"}`, '{}', '{"at":7}', `{"at":"${at(7200)}"}`, `{"at":"${at(2)}"}`)
    const { refused, times, batch: rest } = read(batch) as TimedBatch
    expect(refused.map(({ error }) => error.code)).toEqual(['SR_TIME_MISSING', 'SR_TIME_UNREADABLE', 'SR_TIME_FUTURE'])
    expect(refused.map(({ record }) => record.value)).toEqual([{}, { at: 7 }, { at: at(7200) }])
    expect(times).toHaveLength(2)
    expect(rest.records.map(({ timestamp }) => timestamp)).toEqual([...times])
  })

  it('are read from the bytes of a field as from its value, and so is what the bytes do not tell', () => {
    const from = compileExpression('at')
    const escaped = at(2).replace('-', '\\u002d')
    const texts = [at(1), escaped, at(7200), 'é', ''].map((text) => `{"at":"${text}","x":{"at":"no"}}`)
    const frames = framesOf([...texts, '[1]', '{"at":7}', '{}'].map((text) => `${text}\n`).join(''))
    const { good } = jsonCodec().check(frames, { component: 'in', partition: 'p', timestamp: NOW })
    const { refused, times } = read(framesBatch(good), from) as TimedBatch
    expect([...times]).toEqual([Date.parse(at(1)), Date.parse(at(2))])
    expect(refused.map(({ error }) => error.code)).toEqual([
      'SR_TIME_FUTURE',
      'SR_TIME_UNREADABLE',
      'SR_TIME_UNREADABLE',
      'SR_TIME_MISSING',
      'SR_TIME_UNREADABLE',
      'SR_TIME_MISSING',
    ])
  })

  it('are never those of another record', () => {
    const frames = framesOf([`"${at(1)}"`, '{}', `{"at":"${at(2)}"}`].map((text) => `${text}\n`).join(''))
    const { good } = jsonCodec().check(frames, { component: 'in', partition: 'p', timestamp: NOW })
    const { refused, times } = read(framesBatch(good), compileExpression('at')) as TimedBatch
    expect([...times]).toEqual([Date.parse(at(2))])
    expect(refused.map(({ record }) => record.value)).toEqual([at(1), {}])
  })

  it('may be worked out with promises, in order', async () => {
    const { batch } = linesOf(`{"at":"${at(1)}"}`, '{}', `{"at":"${at(2)}"}`)
    const slow: Expression = { text: 'at', evaluate: async (record) => byPath.evaluate(record) }
    const timed = await read(batch, slow)
    expect([...timed.times]).toEqual([1, 2].map((second) => Date.parse(at(second))))
    expect(timed.refused).toHaveLength(1)
  })

  it('are given to records that are objects already, in copies that keep their bytes', () => {
    const origin = { component: 'in', partition: 'p', position: 1 }
    const raw = Buffer.from('a,b')
    const row = makeRecord({ value: { at: at(5) }, raw, timestamp: NOW, origin })
    const { batch } = read(recordsBatch([row])) as TimedBatch
    expect(batch.records[0]).toMatchObject({ value: { at: at(5) }, raw, timestamp: Date.parse(at(5)), origin })
    expect(row.timestamp).toBe(NOW)
  })

  it('are those that records know where no expression says more', () => {
    const { batch, parsed } = linesOf('{}', '{}')
    expect([...(read(batch, 'known') as TimedBatch).times]).toEqual([NOW, NOW])
    expect(parsed()).toBe(0)
  })
})

describe('the times of arrival', () => {
  it('are never before what the clock has closed, even if it was set back', () => {
    const { batch } = linesOf('{}', '{}')
    expect(arrivalTimes(batch, NOW - 1).batch).toBe(batch)
    const raised = arrivalTimes(batch, NOW + 5)
    expect([...raised.times]).toEqual([NOW + 5, NOW + 5])
    expect(raised.batch.records.map(({ timestamp }) => timestamp)).toEqual([NOW + 5, NOW + 5])
    const origin = { component: 'in', partition: 'p', position: 1 }
    const rows = recordsBatch([NOW, NOW + 9].map((timestamp) => makeRecord({ value: 1, timestamp, origin })))
    expect([...arrivalTimes(rows, NOW + 5).times]).toEqual([NOW + 5, NOW + 9])
  })
})
