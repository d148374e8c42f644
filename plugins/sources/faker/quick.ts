import type { Faker } from '@faker-js/faker'
import { compilePattern, type Pattern } from './quick-pattern.ts'
import type { RecordRandom } from './record-random.ts'

/**
 * Puts direct ways into the place of the few methods that nearly all others of faker are made of. They draw the same
 * numbers from `random` and make the same values, without the lists, closures and patterns that faker makes anew for
 * each value. What is not the plain case, an error among it, is left to the method of faker, before a number is drawn.
 */
export function quicken(faker: Faker, random: RecordRandom): void {
  const { number, helpers, string } = faker
  number.int = quickInt(number.int, random)
  number.float = quickFloat(number.float, random)
  helpers.arrayElement = quickElement(helpers.arrayElement, random)
  helpers.weightedArrayElement = quickWeighted(helpers.weightedArrayElement, random)
  helpers.fake = quickFake(helpers.fake, faker)
  helpers.mustache = quickMustache(helpers.mustache)
  string.fromCharacters = quickCharacters(string.fromCharacters, random)
  string.alphanumeric = quickAlphanumeric(string.alphanumeric, random)
  string.uuid = quickUuid(string.uuid, random)
}

type Int = Faker['number']['int']

function quickInt(slow: Int, random: RecordRandom): Int {
  return (options = {}) => {
    if (typeof options === 'number') return options >= 1 ? below(Math.floor(options) + 1, random) : slow(options)
    const { min = 0, max = Number.MAX_SAFE_INTEGER, multipleOf, distributor } = options
    const low = Math.ceil(min)
    const high = Math.floor(max)
    if (multipleOf !== undefined || distributor !== undefined || !(low < high)) return slow(options)
    return Math.floor(random.next() * (high - low + 1) + low)
  }
}

type Float = Faker['number']['float']

function quickFloat(slow: Float, random: RecordRandom): Float {
  return (options = {}) => {
    if (typeof options === 'number') return options > 0 ? random.next() * options : slow(options)
    const { min = 0, max = 1, fractionDigits, multipleOf, distributor } = options
    if (multipleOf !== undefined || distributor !== undefined || !(min <= max)) return slow(options)
    if (fractionDigits === undefined) return random.next() * (max - min) + min
    const scale = SCALES[fractionDigits]
    if (scale === undefined) return slow(options)
    const low = Math.ceil(min * scale)
    const high = Math.floor(max * scale)
    return low < high ? Math.floor(random.next() * (high - low + 1) + low) / scale : slow(options)
  }
}

/** What a number is multiplied by to make its digits behind the point whole: 1, 10, 100, ... */
const SCALES = Array.from({ length: 16 }, (_, digits) => 10 ** digits)

type Element = Faker['helpers']['arrayElement']

function quickElement(slow: Element, random: RecordRandom): Element {
  return <T>(list: readonly T[]) => {
    if (list.length < 2) return slow(list)
    return list[below(list.length, random)] as T
  }
}

type Weighted = Faker['helpers']['weightedArrayElement']

function quickWeighted(slow: Weighted, random: RecordRandom): Weighted {
  return <T>(list: readonly { readonly weight: number; readonly value: T }[]) => {
    if (list.length === 0) return slow(list)
    let sum = 0
    for (const { weight } of list) {
      if (!(weight > 0)) return slow(list)
      sum += weight
    }
    const drawn = random.next() * sum
    let bound = 0
    for (const { weight, value } of list) {
      bound += weight
      if (drawn < bound) return value
    }
    return (list.at(-1) as { readonly value: T }).value
  }
}

type Fake = Faker['helpers']['fake']

/** Each pattern of the locale is taken apart once; those that faker puts together itself are not worth it. */
function quickFake(slow: Fake, faker: Faker): Fake {
  const patterns = new Map<string, Pattern | undefined>()
  const compiled = (text: string) => {
    if (!patterns.has(text) && patterns.size < MOST_PATTERNS) patterns.set(text, compilePattern(text, faker))
    return patterns.get(text)
  }
  return (given) => {
    const text = typeof given === 'string' ? given : faker.helpers.arrayElement(given)
    return compiled(text)?.(slow) ?? slow(text)
  }
}

/** Locales have fewer; definitions may bring their own. */
const MOST_PATTERNS = 10_000

type Mustache = Faker['helpers']['mustache']

/** The names of persons are put together by it: one expression for each name of a place, and not one for each value. */
function quickMustache(slow: Mustache): Mustache {
  const places = new Map<string, RegExp>()
  return (text, data) => {
    if (typeof text !== 'string') return slow(text, data)
    let filled: string = text
    for (const name in data) {
      const given = data[name] as Substitute
      const substitute = typeof given === 'string' ? given.replaceAll('$', '$$$$') : given
      const place = places.get(name) ?? new RegExp(`{{${name}}}`, 'g')
      if (places.size < MOST_PATTERNS) places.set(name, place)
      filled = filled.replace(place, substitute as string)
    }
    return filled
  }
}

type Substitute = Parameters<Mustache>[1][string]

type Characters = Faker['string']['fromCharacters']

function quickCharacters(slow: Characters, random: RecordRandom): Characters {
  return (characters, length = 1) => {
    const isPlain = Array.isArray(characters) && characters.length > 1 && isShort(length)
    return isPlain ? drawnText(characters, length, random) : slow(characters, length)
  }
}

type Alphanumeric = Faker['string']['alphanumeric']

function quickAlphanumeric(slow: Alphanumeric, random: RecordRandom): Alphanumeric {
  return (options = {}) => {
    const { length = 1, casing = 'mixed', exclude } = typeof options === 'number' ? { length: options } : options
    const characters = exclude === undefined ? ALPHANUMERIC[casing] : undefined
    return characters !== undefined && isShort(length) ? drawnText(characters, length, random) : slow(options)
  }
}

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const LOWER = 'abcdefghijklmnopqrstuvwxyz'
const DIGITS = '0123456789'
const ALPHANUMERIC: { readonly [casing: string]: string } = {
  upper: DIGITS + UPPER,
  lower: DIGITS + LOWER,
  mixed: DIGITS + LOWER + UPPER,
}

type Uuid = Faker['string']['uuid']

/** In the order of faker: the digit that stands for the variant is drawn last. One text, and none for each digit. */
function quickUuid(slow: Uuid, random: RecordRandom): Uuid {
  const bytes = Buffer.from('00000000-0000-4000-8000-000000000000')
  return (options?: Parameters<Uuid>[0]) => {
    if (options !== undefined && options.version !== 4) return slow(options)
    for (const [start, end] of UUID_DIGITS) {
      for (let index = start; index < end; index++) bytes[index] = HEX.charCodeAt(below(16, random))
    }
    bytes[UUID_VARIANT] = HEX.charCodeAt(8 + below(4, random))
    return bytes.toString('latin1')
  }
}

const HEX = '0123456789abcdef'
/** Where they stand in the text, up to and without the second number of each. */
const UUID_DIGITS: readonly (readonly [number, number])[] = [
  [0, 8],
  [9, 13],
  [15, 18],
  [20, 23],
  [24, 36],
]
const UUID_VARIANT = 19

function drawnText(characters: string | readonly string[], length: number, random: RecordRandom): string {
  let text = ''
  for (let index = 1; index <= length; index++) text += characters[below(characters.length, random)]
  return text
}

function isShort(length: unknown): length is number {
  return typeof length === 'number' && length >= 1 && length <= 1000
}

function below(bound: number, random: RecordRandom): number {
  return Math.floor(random.next() * bound)
}
