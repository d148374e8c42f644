import { describe, expect, it } from 'vitest'
import { inputNames } from './input-names.ts'
import { parseExpression } from './syntax.ts'

/** The text with its names in brackets. */
function marked(text: string): string {
  const lengths = new Map(
    inputNames(parseExpression(text).tree, text).map(({ position, length }) => [position, length]),
  )
  let shown = ''
  for (let at = 0; at < text.length; ) {
    const length = lengths.get(at)
    shown += length === undefined ? text.charAt(at) : `<${text.slice(at, at + length)}>`
    at += length ?? 1
  }
  return shown
}

describe('names that are looked up in the input', () => {
  it.each([
    '<a>',
    '<a> + -<b> * (<c>; <d>)',
    '$sum(<items>.price) & <`odd name`>',
    '$.<a> > 1 and $[0].<b>',
    '<a>.b[c > 1]^(d){e: f}',
    '<a> ? <b> : <c>',
    '{"x": <a>, <b>: [<c>, <d>.e]}',
    '$map(<list>, function($one) { $one.x & <suffix> })',
    '<a> ~> $uppercase ~> $pad(<width>)',
    '($x := <a>; $x.b)',
    '(<a>).b',
    '<a> in <b> and <c> != null',
    '$f := $substring(?, <n>)',
    '<a>#$i.b',
    '<a>[0]',
    '<x> ?: <y>',
  ])('%s', (text) => {
    expect(marked(text.replaceAll(/<(`.*?`|\w+)>/g, '$1'))).toBe(text)
  })

  it.each([
    '*.a',
    '**.a',
    '$$.a',
    '$lookup($, "a")',
    '$key.a',
    '($ ?? {"a": 1}).a',
    '{"a": 1}.a',
    '[1, 2].a',
    '$exists(a) ? a : 0',
    'a ?? b.c ?? 0',
    '$ ~> |a|{"b": c}|',
    '"a"',
    '$.*[a]',
  ])('are not those of %s', (text) => {
    expect(marked(text)).toBe(text)
  })
})
