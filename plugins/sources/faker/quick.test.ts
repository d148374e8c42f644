import { allFakers, Faker } from '@faker-js/faker'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { messageOf } from '../../../engine/plugin.ts'
import { methodsOf } from './methods.ts'
import { quicken } from './quick.ts'
import { RecordRandom } from './record-random.ts'

/** The same faker twice, one of them quickened, each with its own copy of the same numbers. */
function twins(locale: keyof typeof allFakers) {
  const twin = () => {
    const random = new RecordRandom(7)
    const randomizer = { next: () => random.next(), seed: () => {} }
    const faker = new Faker({ locale: allFakers[locale].rawDefinitions, randomizer })
    faker.setDefaultRefDate('2026-01-01T00:00:00.000Z')
    return { faker, random }
  }
  const [plain, quick] = [twin(), twin()]
  quicken(quick.faker, quick.random)
  return [plain, quick].map(({ faker, random }) => {
    const methods = methodsOf(faker)
    /** What a method makes of the numbers of record `n`, or why it makes nothing, and the number that comes next. */
    return (path: string, args: readonly unknown[], n: number) => {
      random.start(n, 1)
      return [outcomeOf(() => methods.get(path)?.(...(args as never[]))), random.next()]
    }
  }) as [Twin, Twin]
}

type Twin = (path: string, args: readonly unknown[], n: number) => unknown

function outcomeOf(make: () => unknown): unknown {
  try {
    return make()
  } catch (error) {
    return { failed: messageOf(error) }
  }
}

describe('a quickened faker makes the very values of faker, of as many numbers', () => {
  /** One says on the console that it is deprecated, each time. */
  const paths = [...methodsOf(allFakers.en).keys()].filter((path) => path !== 'image.urlLoremFlickr')

  test.each(['en', 'de', 'ja', 'pt_BR', 'base'] as const)(
    'by every method without arguments, in locale %s',
    (locale) => {
      const [plain, quick] = twins(locale)
      for (const path of paths) {
        for (let n = 0; n < 20; n++)
          expect({ path, n, made: quick(path, [], n) }).toEqual({ path, n, made: plain(path, [], n) })
      }
    },
  )

  const number = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.double(), fc.maxSafeInteger())
  const option = fc.option(number, { nil: undefined })
  const casing = fc.constantFrom('upper', 'lower', 'mixed', undefined)
  const length = fc.oneof(fc.integer({ min: -2, max: 50 }), fc.double({ max: 50 }), fc.constant({ min: 1, max: 9 }))
  const weighted = fc.record({ weight: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.double()), value: fc.integer() })
  const list = fc.array(fc.anything(), { maxLength: 5 })
  const word = fc.constantFrom(
    'person.firstName',
    'person.first_name',
    'location.city_prefix',
    'color.human',
    'x.y',
    'toString',
    'person.last_name.generic',
    'person.last_name.generic.length',
    'person.firstName.length',
  )
  const piece = fc.oneof(
    word.map((path) => `{{${path}}}`),
    fc.constantFrom(
      ' ',
      '{',
      '}}',
      '{{',
      'a',
      '{{number.int(5)}}',
      '{{helpers.fake("{{color.human}}")}}',
      '{{person}}',
    ),
  )
  const pattern = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''))
  const data = fc.dictionary(fc.constantFrom('a', 'b.c', '('), fc.constantFrom('$&', '{{a}}', '', '$$', '$1'))

  test.each<[string, fc.Arbitrary<readonly unknown[]>]>([
    ['number.int', fc.tuple(option)],
    ['number.int', fc.tuple(fc.record({ min: option, max: option, multipleOf: option }, { requiredKeys: [] }))],
    ['number.float', fc.tuple(option)],
    [
      'number.float',
      fc.tuple(
        fc.record(
          { min: option, max: option, multipleOf: option, fractionDigits: fc.integer({ min: -1, max: 20 }) },
          { requiredKeys: [] },
        ),
      ),
    ],
    ['helpers.arrayElement', fc.tuple(list)],
    ['helpers.weightedArrayElement', fc.tuple(fc.array(weighted, { maxLength: 4 }))],
    ['helpers.fake', fc.tuple(fc.oneof(pattern, fc.array(pattern, { maxLength: 3 })))],
    ['helpers.mustache', fc.tuple(fc.constantFrom('{{a}} {{b.c}}', '{{bxc}}{{a}}', undefined), data)],
    ['string.fromCharacters', fc.tuple(fc.oneof(fc.string(), fc.array(fc.string())), length)],
    ['string.alphanumeric', fc.tuple(length)],
    [
      'string.alphanumeric',
      fc.tuple(
        fc.record({ length, casing, exclude: fc.constantFrom('a', ['b'], '', undefined) }, { requiredKeys: [] }),
      ),
    ],
    ['string.uuid', fc.tuple(fc.constantFrom(undefined, {}, { version: 4 }, { version: 7 }))],
  ])('by %s, whatever it is asked for', (path, args) => {
    const [plain, quick] = twins('en')
    const property = fc.property(args, fc.nat(), (given, n) => {
      expect(quick(path, given, n)).toEqual(plain(path, given, n))
    })
    fc.assert(property, { numRuns: 2000 })
  })
})
