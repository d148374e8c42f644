import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { framesBatch, recordsBatch } from '../batch.ts'
import { type Json, type JsonObject, makeRecord, type StreamRecord, withAdded, withValue } from '../record.ts'
import { encodeBatch, encodeEach } from './encode.ts'
import { framesOf as framesOfBytes } from './frames.fixture.ts'
import { createCodec } from './index.ts'

const json = createCodec('json')
const origin = { component: 'source', partition: 'p', position: null }

const framesOf = (lines: readonly string[]) => framesOfBytes(lines.map((line) => `${line}\n`).join(''))

const textOf = (records: readonly StreamRecord[]) =>
  Buffer.concat([...encodeBatch(json, recordsBatch(records)).chunks]).toString('utf8')

/** JSON text of objects, with white space wherever JSON allows it. */
const object = fc.dictionary(fc.string({ maxLength: 4 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
const space = fc.stringMatching(/^[ \t\r]{0,2}$/)
const written = fc
  .tuple(object, space, space, space)
  .map(([value, a, b, c]) => `${a}{${b}${JSON.stringify(value).slice(1, -1)}${b}}${c}`)

const added = fc.array(fc.dictionary(fc.string({ maxLength: 4 }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 2 }), {
  minLength: 1,
  maxLength: 3,
})

/** `record` with the fields of each step that it does not have yet. */
function extended(record: StreamRecord, steps: readonly JsonObject[]): StreamRecord {
  return steps.reduce((one, step) => {
    const fresh = Object.entries(step).filter(([name]) => !Object.hasOwn(one.value as object, name))
    return withAdded(one, Object.fromEntries(fresh))
  }, record)
}

describe('a record with added fields', () => {
  it('is written as its own bytes with the fields in front of the last brace', () => {
    const record = (raw: string) =>
      makeRecord({ value: JSON.parse(raw), raw: Buffer.from(raw), format: 'json', timestamp: 0, origin })
    const two = withAdded(withAdded(record('{"price": 1.10}'), { bucket: 'low' }), { n: [1, 'é'] })
    expect(textOf([two])).toBe('{"price": 1.10,"bucket":"low","n":[1,"é"]}\n')
    expect(textOf([withAdded(record(' { } '), { a: 1 })])).toBe(' { "a":1}\n')
    expect(textOf([withAdded(record('{"a":{}}'), {})])).toBe('{"a":{}}\n')
  })

  it('means what it means as an object, for any JSON and any fields, from frames and from single bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(written, added), { minLength: 1, maxLength: 5 }), (lines) => {
        const frames = framesOf(lines.map(([text]) => text))
        const { good } = json.check(frames, { component: 'c', partition: 'p', timestamp: 0 })
        const framed = framesBatch(good).records.map((record, index) =>
          extended(record, lines[index]?.[1] as JsonObject[]),
        )
        const single = lines.map(([text, steps]) => {
          const record = makeRecord({
            value: JSON.parse(text) as Json,
            raw: Buffer.from(text),
            format: 'json',
            timestamp: 0,
            origin,
          })
          return extended(record, steps as JsonObject[])
        })
        const expected = framed.map(({ value }) => JSON.parse(JSON.stringify(value)))
        const parsed = (text: string) =>
          text
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line))
        expect(parsed(textOf(framed))).toEqual(expected)
        expect(parsed(textOf(single))).toEqual(expected)
        const each = encodeEach(json, recordsBatch(framed)).values
        expect(each.map((bytes) => JSON.parse(Buffer.from(bytes ?? []).toString()))).toEqual(expected)
      }),
      { numRuns: 200 },
    )
  })

  it('stands between unchanged and rewritten records in their order', () => {
    const frames = framesOf(['{"n":1}', '{"n":2}', '{"n":3}', '{"n":4}', '{"n":5}'])
    const { good } = json.check(frames, { component: 'c', partition: 'p', timestamp: 0 })
    const [one, two, three, four, five] = framesBatch(good).records as StreamRecord[]
    const mixed = [
      one,
      withAdded(two as StreamRecord, { x: 1 }),
      withValue(three as StreamRecord, 'three'),
      four,
      withAdded(five as StreamRecord, { y: 2 }),
    ]
    expect(textOf(mixed as StreamRecord[])).toBe('{"n":1}\n{"n":2,"x":1}\n"three"\n{"n":4}\n{"n":5,"y":2}\n')
  })

  it('is written as an object where it was made from a value without bytes', () => {
    const record = makeRecord({ value: { a: 1 }, timestamp: 0, origin })
    expect(textOf([withAdded(record, { b: 2 })])).toBe('{"a":1,"b":2}\n')
  })

  it('keeps lines of any length apart, however many fill a chunk', () => {
    const frames = framesOf(Array.from({ length: 2000 }, (_, n) => `{"n":${n},"text":"${'x'.repeat(n % 300)}"}`))
    const { good } = json.check(frames, { component: 'c', partition: 'p', timestamp: 0 })
    const records = framesBatch(good).records.map((record, n) => withAdded(record, { long: 'é'.repeat(n % 500) }))
    const lines = textOf(records).trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual(records.map(({ value }) => value))
  })
})
