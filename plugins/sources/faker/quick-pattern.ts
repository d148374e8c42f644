import type { Faker } from '@faker-js/faker'

/** A pattern such as `{{person.first_name}}{{location.city_suffix}}`, compiled; the rest is filled in by `slow`. */
export type Pattern = (slow: (text: string) => string) => string

/**
 * Compiles a pattern of plain paths, each of which stands for a method or for a list of the locale; undefined for any
 * other, such as one with arguments.
 */
export function compilePattern(text: string, faker: Faker): Pattern | undefined {
  const pieces = text.split(PLACE)
  const texts = pieces.filter((_, index) => index % 2 === 0)
  const makers = pieces.filter((_, index) => index % 2 === 1).map((path) => makerOf(path, faker))
  if (!isWhole(makers) || texts.some((piece) => /[{}]/.test(piece))) return undefined
  return (slow) => {
    let made = texts[0] as string
    for (let index = 0; index < makers.length; index++) {
      const value = String((makers[index] as Make)())
      made += value + texts[index + 1]
      // What was made is a pattern itself.
      if (value.includes('{')) return slow(made + rest(pieces, index))
    }
    return made
  }
}

type Make = () => unknown

/** A path of names in braces. */
const PLACE = /\{\{([a-z]\w*(?:\.\w+)+)\}\}/

/** Faker looks a path up in its methods and in its locale; where both have it, it draws for both. */
function makerOf(path: string, faker: Faker): Make | undefined {
  const names = path.split('.')
  const [module, name] = names as [string, string]
  const method = memberOf(memberOf(faker, module), name)
  const data = names.reduce(memberOf, faker.rawDefinitions)
  if (typeof method === 'function' && names.length === 2 && data === undefined) return method as Make
  if (method !== undefined || !Array.isArray(data)) return undefined
  return () => faker.helpers.arrayElement(data)
}

function memberOf(owner: unknown, name: string): unknown {
  const isPlain = typeof owner === 'object' && owner !== null && !Array.isArray(owner)
  return isPlain ? (owner as { readonly [name: string]: unknown })[name] : undefined
}

function isWhole(makers: readonly (Make | undefined)[]): makers is readonly Make[] {
  return !makers.includes(undefined)
}

/** Behind the piece of text that follows maker `index`. */
function rest(pieces: readonly string[], index: number): string {
  return pieces
    .slice(2 * index + 3)
    .map((piece, at) => (at % 2 === 0 ? `{{${piece}}}` : piece))
    .join('')
}
