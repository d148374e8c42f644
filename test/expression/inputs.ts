import type { Random } from 'fast-check'

/**
 * The fields of inputs. Expressions mostly expect of `n` and `m` a number, of `s` and `t` a text, of `o` an object, of
 * `a` and `b` lists of objects, of `q` a list of numbers, of `w` a list of texts, of `z` anything.
 */
export const FIELDS = ['n', 'm', 's', 't', 'o', 'a', 'b', 'q', 'w', 'z'] as const

/** Names that mean something to JavaScript, or to the interpreter when they stand on its own objects. */
export const NASTY_FIELDS = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'length',
  'x y',
  '',
  '$',
  '0',
  'ключ',
  'and',
] as const

/** Marks that the interpreter keeps on its own arrays and functions. Data with them is rare, and must not be believed more than there. */
export const MARKS: readonly string[] = [
  'sequence',
  'keepSingleton',
  'cons',
  'tupleStream',
  'outerWrapper',
  'thunk',
  '_jsonata_function',
  '_jsonata_lambda',
  'token',
  'position',
  'signature',
  'arity',
]

/** Both as JSON text: -0 and an own `__proto__` survive in it, and every run gets its own copy. */
export interface Case {
  readonly input: string
  /** An object, of variables by name. */
  readonly bindings: string
}

/** The cases of one expression: parsing it costs more than evaluating it. */
export function writeCases(random: Random): readonly Case[] {
  const write = new InputWriter(random)
  return Array.from({ length: CASES }, () => ({ input: inputOf(write, random), bindings: write.bindings() }))
}

export const CASES = 4

function inputOf(write: InputWriter, random: Random): string {
  const kind = random.nextInt(0, 99)
  if (kind < 72) return write.object(3)
  if (kind < 90) return write.array(random.nextInt(0, 4), () => write.object(2))
  return write.any(3)
}

class InputWriter {
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  object(depth: number): string {
    const fields: string[] = []
    for (const name of FIELDS) if (this.#often(0.7)) fields.push(`"${name}":${this.#field(name, depth - 1)}`)
    if (this.#often(0.1)) fields.push(this.#entry(this.#pick(NASTY_FIELDS), depth - 1))
    while (this.#often(0.02)) fields.push(this.#entry(this.#pick(MARKS), depth - 1))
    return `{${(this.#often(0.2) ? fields.reverse() : fields).join(',')}}`
  }

  bindings(): string {
    if (this.#often(0.6)) return '{}'
    return `{${['x', 'y', 'z'].map((name) => `"${name}":${this.any(2)}`).join(',')}}`
  }

  any(depth: number): string {
    const kind = this.#random.nextInt(0, depth <= 0 ? 5 : 9)
    if (kind < 2) return this.#number()
    if (kind < 4) return this.#text()
    if (kind < 6) return this.#pick(['true', 'false', 'null', 'null', '[]', '{}'])
    if (kind < 7) return this.object(depth - 1)
    if (kind < 9) return this.array(this.#random.nextInt(0, 3), () => this.any(depth - 1))
    return this.array(1, () => this.array(this.#random.nextInt(0, 2), () => this.any(depth - 1)))
  }

  array(length: number, item: () => string): string {
    return `[${Array.from({ length }, item).join(',')}]`
  }

  #entry(name: string, depth: number): string {
    return `${JSON.stringify(name)}:${this.#often(0.5) ? 'true' : this.any(depth)}`
  }

  /** Mostly what expressions expect of it. */
  #field(name: (typeof FIELDS)[number], depth: number): string {
    if (depth <= 0 || this.#often(0.12)) return this.any(depth)
    if (name === 'n' || name === 'm') return this.#number()
    if (name === 's' || name === 't') return this.#text()
    if (name === 'o') return this.object(depth)
    if (name === 'a' || name === 'b') return this.array(this.#random.nextInt(0, 3), () => this.object(depth - 1))
    if (name === 'q') return this.#numbers()
    if (name === 'w') return this.array(this.#random.nextInt(0, 4), () => this.#text())
    return this.any(depth)
  }

  #numbers(): string {
    const length = this.#often(0.01) ? 200 : this.#random.nextInt(0, 5)
    return this.array(length, () => this.#number())
  }

  #number(): string {
    return this.#often(0.75) ? String(this.#random.nextInt(-3, 12)) : this.#pick(NUMBERS)
  }

  #text(): string {
    return JSON.stringify(this.#pick(TEXTS))
  }

  #often(share: number): boolean {
    return this.#random.nextDouble() < share
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#random.nextInt(0, items.length - 1)] as T
  }
}

/** None between a million and 2^32: as the width of `$pad` they would only cost memory. */
const NUMBERS = [
  '-0',
  '0.1',
  '0.30000000000000004',
  '-2.5',
  '1.5',
  '2.5',
  '1e21',
  '-1e21',
  '1e-7',
  '5e-324',
  '1.7976931348623157e308',
  '9007199254740993',
  '123456.789',
  '1521801216617',
  '-62135596800000',
  '0.1234567890123456',
]

export const TEXTS = [
  '',
  'a',
  'b',
  'B',
  'a',
  'ab',
  'abc',
  'Hello World',
  ' trim \t\n me ',
  'a,b,,c',
  'a-b-c',
  '12',
  '-1.5e3',
  '0x1F',
  '007',
  'true',
  'é',
  'e\u0301',
  'ß',
  'İ',
  '日本語',
  '😀',
  'a😀b',
  '\ud83d',
  '\udc00x',
  '\u0000',
  '"quoted" \\ / \b',
  '__proto__',
  'constructor',
  'n',
  's',
  '2018-03-23',
  '2018-03-23T10:33:36.617Z',
  '2017-10-30T16:25:32.935+02:00',
  '12/31/1999',
  '3 March 2020',
  'MCMXCIX',
  'twenty-one',
  'SGVsbG8=',
  'https://a.b/c d?e=é&f=%20#g',
  '%E0%A4%A',
  '$1-$0',
  'n + 1',
]
