import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseTemplate } from '../expression/template-syntax.ts'
import { type Environment, fillPlaceholders, leavesFolder, type PlaceholderFault } from './placeholders.ts'

function fill(raw: string, variables: Environment['variables'], kind: 'text' | 'template' = 'text') {
  const faults: PlaceholderFault[] = []
  const files = new Map([['token.txt', 'from a file\n']])
  const filled = fillPlaceholders(raw, kind, { variables, files }, (fault) => faults.push(fault))
  return { text: filled.text, unread: filled.unread, filled, faults: faults.map(({ code }) => code) }
}

/** `before${NAME}after`, spelt so that no tool takes it for a template string. */
function holder(inside: string): string {
  return `$${`{${inside}}`}`
}

test.each([
  [holder('NAME'), 'shop'],
  [`a-${holder('NAME')}-${holder('NAME')}`, 'a-shop-shop'],
  [holder('MISSING:-fallback'), 'fallback'],
  [holder('EMPTY:-fallback'), 'fallback'],
  [holder('MISSING:-'), ''],
  [holder('NAME:?must be set'), 'shop'],
  [holder('file:token.txt'), 'from a file'],
  [`$${holder('NAME')}`, holder('NAME')],
  ['$NAME $ { NAME }', '$NAME $ { NAME }'],
])('%s becomes %s', (raw, text) => {
  expect(fill(raw, { NAME: 'shop', EMPTY: '' })).toMatchObject({ text, faults: [], unread: false })
})

test('without an environment only what has no default stays unread', () => {
  expect(fill(holder('NAME'), undefined)).toMatchObject({ unread: true, faults: [] })
  expect(fill(holder('file:token.txt'), undefined)).toMatchObject({ unread: true, faults: [] })
  expect(fill(holder('NAME:-x'), undefined)).toMatchObject({ unread: false, text: 'x' })
})

const value = fc.string({
  unit: fc.constantFrom('$', ...'{}:-?%"\\ \n', 'NAME', 'a', '- '),
  minLength: 1,
  maxLength: 20,
})

test('what comes in is never filled, parsed or split again (CF-07)', () => {
  fc.assert(
    fc.property(value, (secret) => {
      const raw = `<${holder('NAME')}>`
      expect(fill(raw, { NAME: secret })).toMatchObject({ text: `<${secret}>`, faults: [] })
    }),
  )
})

test('in a template, braces and percent signs that come in are plain text', () => {
  fc.assert(
    fc.property(value, (secret) => {
      const { text } = fill(`<${holder('NAME')}>`, { NAME: secret }, 'template')
      expect(parseTemplate(text)).toEqual([{ kind: 'text', text: `<${secret}>` }])
    }),
  )
})

test('the expressions of a template are not filled: they read $env', () => {
  const raw = `{ ${holder('NAME')} }/${holder('NAME')}`
  expect(fill(raw, { NAME: 'x' }, 'template').text).toBe(`{ ${holder('NAME')} }/x`)
})

test('every copied character knows where it came from', () => {
  const part = fc.oneof(fc.constantFrom('abc', holder('NAME'), holder('NONE:-zz'), `$${holder('X')}`), fc.string())
  fc.assert(
    fc.property(fc.array(part), value, (parts, secret) => {
      const raw = parts.join('')
      const { text, filled } = fill(raw, { NAME: secret })
      let last = 0
      for (let index = 0; index < text.length; index++) {
        const from = filled.rawIndex(index)
        expect(from).toBeGreaterThanOrEqual(last)
        if (raw[from] !== '$') expect(raw[from]).toBe(text[index])
        last = from
      }
    }),
  )
})

test.each([
  ['../x', true],
  ['a/../../x', true],
  ['a/../x', false],
  ['/run/secrets/x', false],
  ['./x', false],
])('%s leaves its folder: %s (CF-14)', (path, leaves) => {
  expect(leavesFolder(path)).toBe(leaves)
})
