import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FieldList, FieldPlaces, fieldNames } from '../fields.ts'
import { jsonFields } from './json-fields.ts'

const NAMES = ['a', 'b', 'é', 'toString', 'length', '']
const reader = jsonFields()

/** Undefined where only the whole value tells. */
function fieldsOf(text: string, names: readonly string[]) {
  // As in a batch: other bytes stand around it.
  const data = Buffer.from(`"x"\n${text}\n{"a":9}\n`)
  const places = new FieldPlaces(new FieldList(names), 2)
  places.begin(1)
  reader.find(data, 4, data.length - 9, places)
  if (!places.isClear(1)) return undefined
  const there = names.flatMap((one, column) => {
    const start = places.startOf(1, column)
    return start === 0 ? [] : [[one, reader.make(data, start, data.length - 9)] as const]
  })
  return Object.fromEntries(there)
}

const name = fc.oneof(fc.constantFrom(...NAMES), fc.string({ maxLength: 3 }))
const space = fc.stringMatching(/^[ \t\r]{0,2}$/)

/** Text of an object in which names may come twice. */
const written = fc
  .tuple(fc.array(fc.tuple(name, fc.jsonValue({ maxDepth: 3 })), { maxLength: 6 }), space, space)
  .map(([fields, a, b]) => {
    const texts = fields.map(
      ([key, value]) => `${a}${JSON.stringify(key)}${b}:${a}${JSON.stringify(value, null, b)}${b}`,
    )
    return `${a}{${b}${texts.join(',').replaceAll('\n', ' ')}${a}}${b}`
  })

it('the fields of an object are those that JSON.parse gives, of any object, and no others', () => {
  fc.assert(
    fc.property(written, fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1 }), (text, names) => {
      const found = fieldsOf(text, names)
      if (found === undefined) {
        expect(text).toContain('\\')
        return
      }
      const whole = JSON.parse(text) as { [key: string]: unknown }
      expect(found).toEqual(
        Object.fromEntries(names.filter((one) => Object.hasOwn(whole, one)).map((one) => [one, whole[one]])),
      )
    }),
    { numRuns: 1000 },
  )
})

it('what is no object, or has an escape in a name, is left to parsing, and so is the name __proto__', () => {
  expect(fieldsOf('[1]', ['a'])).toBeUndefined()
  expect(fieldsOf('"a"', ['a'])).toBeUndefined()
  expect(fieldsOf('{"\\u0061":1}', ['a'])).toBeUndefined()
  expect(fieldNames(['a', '__proto__'])).toBeUndefined()
})

it('escapes and brackets inside of values end nothing early', () => {
  const text = '{"x":"}\\"]","y":[{"a":"\\\\"},{"a":2}],"a":{"a":"]}"},"b":-1.5e3 }'
  expect(fieldsOf(text, ['a', 'b'])).toEqual({ a: { a: ']}' }, b: -1500 })
  expect(fieldsOf('{"a":"\\u00e9\\n"}', ['a'])).toEqual({ a: 'é\n' })
})

const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,17})(\.\d{1,17})?$/)

it('a number is the double that JSON.parse gives, whatever its digits', () => {
  fc.assert(
    fc.property(digits, (text) => {
      expect(fieldsOf(`{"a":${text}}`, ['a'])).toEqual({ a: JSON.parse(text) })
    }),
    { numRuns: 2000 },
  )
  expect(Object.is(fieldsOf('{"a":-0}', ['a'])?.a, -0)).toBe(true)
})

it('texts that come again, and others between them, are the texts that stand there', () => {
  const texts = Array.from({ length: 50_000 }, (_, index) => `k-${(index * 7919) % 30_011}`)
  for (const text of texts) expect(fieldsOf(JSON.stringify({ a: text }), ['a'])?.a).toBe(text)
})
