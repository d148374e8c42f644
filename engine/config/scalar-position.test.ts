import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CST, isScalar, Parser, parseDocument } from 'yaml'
import { readScalar } from './scalar-position.ts'

const word = fc.string({ unit: fc.constantFrom(...'ab"\\\'{}:#$é€😀 \t'), maxLength: 8 })
const lines = fc.array(word, { minLength: 1, maxLength: 6 })
const lineBreak = fc.constantFrom('\n', '\r\n')

/** The scalar of `key: <source>` as the yaml package reads it, with its token; undefined where it is no scalar. */
function scalarOf(text: string): { value: string; token: CST.FlowScalar | CST.BlockScalar } | undefined {
  const document = parseDocument(text, { keepSourceTokens: true, schema: 'failsafe' })
  const node = document.get('key', true)
  if (document.errors.length > 0 || !isScalar(node) || typeof node.value !== 'string') return undefined
  const token = node.srcToken
  if (token === undefined || token.type === 'alias' || !('source' in token)) return undefined
  return { value: node.value, token: token as CST.FlowScalar | CST.BlockScalar }
}

/** Value and token agree, and every character that was not escaped or folded stands where its offset says. */
function expectPlaces(text: string): boolean {
  const scalar = scalarOf(text)
  if (scalar === undefined) return false
  const read = readScalar(scalar.token)
  expect(read.value).toBe(scalar.value)
  expect(read.offsets).toHaveLength(scalar.value.length + 1)
  for (let index = 0; index < read.value.length; index++) {
    const here = text[read.offsets[index] as number] as string
    const wanted = read.value[index] as string
    if (!/\s/.test(wanted) && here !== '\\') expect(here).toBe(wanted)
    if (index > 0) expect(read.offsets[index]).toBeGreaterThanOrEqual(read.offsets[index - 1] as number)
  }
  return true
}

test('a plain scalar over several lines keeps the place of each character', () => {
  fc.assert(
    fc.property(lines, lineBreak, (parts, eol) => {
      expectPlaces(`key: x${parts.join(`${eol}  `)}${eol}`)
    }),
    { numRuns: 1000 },
  )
})

test('a single-quoted scalar keeps the place of each character', () => {
  fc.assert(
    fc.property(lines, lineBreak, (parts, eol) => {
      const body = parts.join(`${eol}  `).replaceAll("'", "''")
      expect(expectPlaces(`key: '${body}'${eol}`)).toBe(true)
    }),
    { numRuns: 1000 },
  )
})

const piece = fc.oneof(
  fc.constantFrom(...'ab{}:#$é😀 \t'),
  fc.constantFrom('\\n', '\\t', '\\"', '\\\\', '\\/', '\\x41', '\\u00e9', '\\U0001F600', '\\ ', '\\_', '\\0', '\\\n  '),
  fc.constantFrom('\n  ', '\n\n  ', ' \n \n  \t', '\r\n  ', '\\\r\n  '),
)

test('a double-quoted scalar keeps the place of each character, its escapes and its folded lines', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      expect(expectPlaces(`key: "${pieces.join('')}"\n`)).toBe(true)
    }),
    { numRuns: 1000 },
  )
})

test('a block scalar, literal or folded, keeps the place of each character under every chomping and indentation', () => {
  const style = fc.constantFrom('|', '>')
  const chomping = fc.constantFrom('', '-', '+')
  const explicit = fc.boolean()
  const blockLine = fc.tuple(fc.constantFrom('', '', ' ', '   '), word).map(([indent, text]) => indent + text)
  fc.assert(
    fc.property(
      style,
      chomping,
      explicit,
      fc.array(blockLine, { maxLength: 8 }),
      lineBreak,
      fc.boolean(),
      (mark, chomp, digit, parts, eol, ended) => {
        const body = parts.map((part) => (part === '' ? '' : `  ${part}`)).join(eol)
        expectPlaces(`key: ${mark}${digit ? '2' : ''}${chomp}${eol}${body}${ended ? eol : ''}`)
      },
    ),
    { numRuns: 2000 },
  )
})

test('the parser is the one that the tests speak of', () => {
  expect([...new Parser().parse('key: "a\\nb"')]).toHaveLength(1)
  expect(readScalar(scalarOf('key: "a\\nb"')?.token as CST.FlowScalar).offsets).toEqual([6, 7, 9, 10])
})
