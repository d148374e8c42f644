import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Batch, framesBatch, recordsBatch } from '../../../engine/batch.ts'
import { framesOf } from '../../../engine/codec/frames.fixture.ts'
import { createCodec } from '../../../engine/codec/index.ts'
import { readOptions } from '../../../engine/options.ts'
import { type Json, makeRecord, type StreamRecord } from '../../../engine/plugin.ts'
import { processorContext } from '../../../test/contract/context.ts'
import jsonata from './index.ts'

const FROM = { component: 'log', partition: 'file', timestamp: 0 }
const NAMES = ['a', 'b', 'c', '__proto__', 'é']

const field = fc.tuple(fc.constantFrom(...NAMES), fc.jsonValue({ maxDepth: 2 }))
/** JSON text, mostly of an object, in which names may come twice. */
const written = fc.oneof(
  { weight: 5, arbitrary: fc.array(field, { maxLength: 4 }).map(textOf) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 1 }).map((value) => JSON.stringify(value)) },
)
const expression = fc.constantFrom('a', 'b.a', '$count(c)', '"x"', '1 + 1', 'missing', '$keys($)', 'é')
const set = fc.dictionary(fc.constantFrom(...NAMES, 'b.a'), expression, { minKeys: 1, maxKeys: 3 })

function textOf(fields: readonly (readonly [string, Json | unknown])[]): string {
  return `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`
}

/** What two steps of `set`, one behind the other, make of a batch: values, or the codes of failures. */
async function changedBy(sets: readonly { [name: string]: string }[], batch: Batch): Promise<unknown[]> {
  const failed: unknown[] = []
  let records: readonly StreamRecord[] = batch.records
  for (const one of sets) {
    const processor = await jsonata.open(readOptions(jsonata.options, { set: one }), processorContext())
    const emitted: StreamRecord[] = []
    await processor.process(recordsBatch(records), {
      full: false,
      watermark: () => 0,
      emit: (record) => void emitted.push(record),
      fail: (_, { code }) => void failed.push(code),
    })
    records = emitted
  }
  return [...records.map(({ value }) => JSON.stringify(value)), ...failed]
}

it('fields that are set on bytes, looked at in part or as a whole, are those that are set on parsed values', async () => {
  const property = fc.asyncProperty(
    fc.array(written, { minLength: 1, maxLength: 6 }),
    fc.array(set, { minLength: 1, maxLength: 2 }),
    async (lines, sets) => {
      const codec = createCodec('json')
      const asBytes = () => framesBatch(codec.check(framesOf(`${lines.join('\n')}\n`), FROM).good)
      const origin = { component: 'log', partition: 'file', position: null }
      const asValues = recordsBatch(lines.map((line) => makeRecord({ value: JSON.parse(line), timestamp: 0, origin })))
      const expected = await changedBy(sets, asValues)
      expect(await changedBy(sets, asBytes())).toEqual(expected)
      // By now the codec knows which fields are looked at.
      expect(await changedBy(sets, asBytes())).toEqual(expected)
    },
  )
  await fc.assert(property, { numRuns: 300 })
})
