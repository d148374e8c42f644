import fc from 'fast-check'
import { expect, it } from 'vitest'
import { framesBatch, joinedBatches, piecesOf } from './batch.ts'
import { framesOf } from './codec/frames.fixture.ts'
import { createCodec } from './codec/index.ts'
import { fieldNames } from './fields.ts'
import { type Json, type JsonObject, type StreamRecord, valueWith } from './record.ts'

const FROM = { component: 'log', partition: 'file', timestamp: 0 }
const NAMES = ['a', 'b', 'é', 'toString', 'length', '']

const name = fc.oneof(fc.constantFrom(...NAMES), fc.string({ maxLength: 3 }))
const space = fc.stringMatching(/^[ \t\r]{0,2}$/)
const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), fc.constant(-0))
const numberText = fc.oneof(
  number.map((value) => (Object.is(value, -0) ? '-0' : JSON.stringify(value))),
  fc.stringMatching(/^-?(?:0|[1-9]\d{0,20})(?:\.\d{1,20})?(?:[eE][+-]?\d{1,3})?$/),
)
const valueText = fc.oneof(
  numberText,
  fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
)

/** A line with any value, mostly an object in which names may come twice, or a broken or a blank one. */
const line = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.array(fc.tuple(name, valueText), { maxLength: 6 }), space, space)
      .map(
        ([fields, a, b]) =>
          `${a}{${b}${fields.map(([key, text]) => `${JSON.stringify(key)}${b}:${a}${text}${b}`)}}${b}`,
      ),
  },
  { weight: 1, arbitrary: valueText },
  { weight: 1, arbitrary: fc.constantFrom('', ' ', '{"a":', '{"a":1,"b"}', '{"\\u0061":1}', '{"a":1,"\\u0061":2}') },
)

const wantedOf = (names: readonly string[]) => fieldNames(names) as NonNullable<ReturnType<typeof fieldNames>>

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** What `wanted` picks of a value; the value itself when it is no object. */
function picked(value: Json, names: readonly string[]): Json {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
  const object = value as JsonObject
  return Object.fromEntries(names.filter((one) => Object.hasOwn(object, one)).map((one) => [one, object[one] as Json]))
}

it('fields that somebody has asked for before are those that JSON.parse gives, of any lines, in pieces or joined', () => {
  const property = fc.property(
    fc.array(line, { minLength: 1, maxLength: 12 }),
    fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1 }),
    fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1 }),
    fc.integer({ min: 1, max: 4 }),
    (lines, first, second, size) => {
      const codec = createCodec('json')
      const [one, other] = [wantedOf(first), wantedOf(second)]
      // From here on the codec knows what is asked for.
      for (const record of framesBatch(codec.check(framesOf('{"a":1}\n'), FROM).good).records) {
        valueWith(record, one)
        valueWith(record, other)
      }
      const { good } = codec.check(framesOf(`"x"\n${lines.join('\n')}\n`), FROM)
      const whole = framesBatch(good)
      expect(whole.size).toBe(1 + lines.filter(isJson).length)
      for (const batch of [whole, ...piecesOf(whole, size), ...joinedBatches([...piecesOf(whole, size)])]) {
        for (const record of batch.records) {
          const value = JSON.parse(Buffer.from(record.raw as Uint8Array).toString()) as Json
          // What is not asked for may be there, too, where it had to be parsed.
          expect(picked(valueWith(record, one), first)).toStrictEqual(picked(value, first))
          expect(picked(valueWith(record, other), second)).toStrictEqual(picked(value, second))
          expect(record.value).toStrictEqual(value)
        }
      }
    },
  )
  fc.assert(property, { numRuns: 500 })
})

it('of a record whose fields are noted nothing else is made', () => {
  const codec = createCodec('json')
  const wanted = wantedOf(['b'])
  const look = (text: string) =>
    framesBatch(codec.check(framesOf(text), FROM).good).records.map((r) => valueWith(r, wanted))
  expect(look('{"a":1,"b":2}\n')).toEqual([{ b: 2 }])
  expect(look('{"a":1,"b":2.50,"c":3}\n{"b":"x","b":"y"}\n{}\n[1]\n')).toEqual([{ b: 2.5 }, { b: 'y' }, {}, [1]])
})

it.each(['_jsonata_function', '_jsonata_lambda'])('of a record with the field %s the whole value is seen', (mark) => {
  const codec = createCodec('json')
  const wanted = wantedOf(['a'])
  const look = (text: string) =>
    framesBatch(codec.check(framesOf(text), FROM).good).records.map((record) => valueWith(record, wanted))
  for (const _ of ['found', 'noted']) {
    expect(look(`{"a":1,"b":2}\n{"${mark}":true,"a":1}\n`)).toEqual([{ a: 1 }, { [mark]: true, a: 1 }])
  }
})

it('where more fields are looked for than are noted, the whole value is made', () => {
  const codec = createCodec('json')
  const names = Array.from({ length: 40 }, (_, index) => `n${index}`)
  const text = `${JSON.stringify(Object.fromEntries(names.map((one, index) => [one, index])))}\n`
  for (const round of [1, 2]) {
    for (const [index, one] of names.entries()) {
      const [record] = framesBatch(codec.check(framesOf(text), FROM).good).records
      const value = valueWith(record as StreamRecord, wantedOf([one]))
      expect(picked(value, [one]), `round ${round}`).toEqual({ [one]: index })
    }
  }
})
