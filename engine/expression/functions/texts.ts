import { createHash, createHmac } from 'node:crypto'
import type { Random } from '../../random.ts'
import { canonical } from './canonical.ts'
import { FunctionError } from './errors.ts'
import type { StreamrunFunction } from './index.ts'

const ALGORITHMS = ['sha256', 'sha512', 'sha1', 'md5']

export const textFunctions: Readonly<Record<string, StreamrunFunction>> = {
  hash: {
    signature: '<(asnblo)-s?s?:s>',
    parameters: 'value, [algorithm], [secret]',
    about:
      'The hash of a value in hexadecimal digits: `sha256` (the default), `sha512`, `sha1` or `md5`; with a `secret` its HMAC, which nobody can guess back without it. Text is hashed as UTF-8, any other value as its JSON without spaces and with sorted keys.',
    examples: [
      { expression: '$hash("abc", "md5")', result: '900150983cd24fb0d6963f7d28e17f72' },
      { expression: '$hash({"b": 1, "a": 2}) = $hash({"a": 2, "b": 1})', result: true },
      {
        expression: '$hash("ada@example.org", "sha256", "pepper")',
        result: 'eddcbc0c0fa8cbf6d4cfd93ecdb9462505368148b51d85cd49b960068295db40',
      },
    ],
    implement: () => hash,
    check: ([, algorithm]) =>
      typeof algorithm !== 'string' || ALGORITHMS.includes(algorithm)
        ? undefined
        : { argument: 1, message: `there is no hash algorithm "${algorithm}": write one of ${ALGORITHMS.join(', ')}` },
  },
  uuid: {
    signature: '<:s>',
    parameters: '',
    about:
      'A random UUID of version 4. A record that is read again after a crash gets another one: for an id that stays, write `$hash($origin)`. In the source `faker` it is drawn from the seed, and stays.',
    examples: [{ expression: '$length($uuid())', result: 36 }],
    implement:
      ({ random }) =>
      () =>
        uuid(random),
  },
  mask: {
    signature: '<s-n?n?s?:s>',
    parameters: 'text, [last], [first], [character]',
    about:
      'Puts `*`, or `character`, for every character but the `last` and the `first` ones (0 by default). A text that has no more than those is masked whole.',
    examples: [
      { expression: '$mask("4111111111111111", 4)', result: '************1111' },
      { expression: '$mask("ada@example.org", 4, 1, "#")', result: 'a##########.org' },
      { expression: '$mask("1234", 4)', result: '****' },
    ],
    implement: () => mask,
  },
}

function hash(value: unknown, algorithm = 'sha256', secret?: string): string | undefined {
  if (value === undefined) return undefined
  if (!ALGORITHMS.includes(algorithm)) throw new FunctionError('D4003')
  const text = typeof value === 'string' ? value : canonical(value)
  const hasher = secret === undefined ? createHash(algorithm) : createHmac(algorithm, secret)
  return hasher.update(text).digest('hex')
}

/** RFC 9562, section 5.4. */
function uuid(random: Random): string {
  const words = [0, 1, 2, 3].map(() =>
    Math.floor(random.next() * 2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  )
  const digits = words.join('')
  const variant = ((Number.parseInt(digits[16] as string, 16) & 3) | 8).toString(16)
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`
}

function mask(text: string | undefined, last = 0, first = 0, character = '*'): string | undefined {
  if (text === undefined) return undefined
  if ([last, first].some((count) => !Number.isSafeInteger(count) || count < 0)) throw new FunctionError('D4002')
  if ([...character].length !== 1) throw new FunctionError('D4008')
  const characters = [...text]
  const hidden = characters.length - last - first
  if (hidden <= 0) return character.repeat(characters.length)
  return [...characters.slice(0, first), character.repeat(hidden), ...characters.slice(first + hidden)].join('')
}
