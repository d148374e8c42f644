import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Batch, framesBatch, joinedBatches, markedBatch, piecesOf, recordsBatch } from '../batch.ts'
import { type Json, makeRecord } from '../record.ts'
import { framesOf } from './frames.fixture.ts'
import { createCodec } from './index.ts'

const FROM = { component: 'log', partition: 'file', timestamp: 0 }
const json = createCodec('json')

function framed(values: readonly Json[]): Batch {
  return framesBatch(json.check(framesOf(values.map((value) => `${JSON.stringify(value)}\n`).join('')), FROM).good)
}

function valuesOf(batches: readonly Batch[]): Json[] {
  return batches.flatMap(({ records }) => records.map(({ value }) => value))
}

describe('records of frames', () => {
  it('have the values of their bytes, ASCII or not, few or many', () => {
    const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary-ascii' }))
    const values = fc.array(fc.oneof(text, fc.record({ text, n: fc.integer() })), { minLength: 1, maxLength: 20 })
    const property = fc.property(values, (wanted) => {
      expect(valuesOf([framed(wanted)])).toEqual(wanted)
    })
    fc.assert(property)
    const long = Array.from({ length: 4 }, (_, n) => `${n}${'x'.repeat(100_000)}`)
    expect(valuesOf([framed(long)])).toEqual(long)
  })
})

describe('joinedBatches', () => {
  const values = Array.from({ length: 10 }, (_, n) => n)

  it('makes one of the pieces of a batch, with their bytes, places and marks', () => {
    const whole = markedBatch(framed(values), Float64Array.from(values))
    const [joined, ...others] = joinedBatches([...piecesOf(whole, 3)])
    expect(others).toEqual([])
    expect(valuesOf([joined as Batch])).toEqual(values)
    expect(joined?.marks).toEqual(whole.marks)
    expect(joined?.frames).toEqual(whole.frames)
    expect(joined?.bytes).toBe([...piecesOf(whole, 3)].reduce((sum, { bytes }) => sum + bytes, 0))
  })

  it('keeps the order, and apart what came in other bytes or as objects', () => {
    const record = (value: Json) => makeRecord({ value, timestamp: 0, origin: { ...FROM, position: null } })
    const pieces = [...piecesOf(framed(values), 5)]
    const batches = [...pieces, framed([10]), recordsBatch([record(11)]), recordsBatch([record(12)]), framed([13])]
    const joined = joinedBatches(batches)
    expect(joined.map(({ size }) => size)).toEqual([10, 1, 2, 1])
    expect(valuesOf(joined)).toEqual([...values, 10, 11, 12, 13])
  })
})
