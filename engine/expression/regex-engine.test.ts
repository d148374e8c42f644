import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeRecord } from '../record.ts'
import { compileExpression, ExpressionSyntaxError, type RegexEngineName } from './index.ts'
import { regexEngine } from './regex-engine.ts'

function evaluate(text: string, value: string, engine: RegexEngineName): unknown {
  const origin = { component: 'test', partition: '0', position: 0 }
  return compileExpression(text, { regexEngine: engine }).evaluate(makeRecord({ value, timestamp: 0, origin }))
}

/** Every match of a literal in a text, as the interpreter looks for them. */
function matches(engine: RegexEngineName, literal: RegExp, text: string): unknown {
  const { prepare, RegExp: Matcher } = regexEngine(engine)
  const fault = prepare(literal)
  if (fault !== undefined) return fault
  const matcher = new Matcher(literal)
  const found: unknown[] = []
  for (let at = 0; at <= text.length; ) {
    matcher.lastIndex = at
    const match = matcher.exec(text)
    if (match === null) break
    found.push({ at: match.index, groups: [...match], end: matcher.lastIndex })
    at = Math.max(matcher.lastIndex, at + 1)
  }
  return found
}

describe('the regex engine re2', () => {
  it('finds what JavaScript finds, with the same groups and places', () => {
    const piece = fc.constantFrom(
      'a',
      'b',
      '.',
      '\\d',
      '\\w',
      '\\s',
      '[ab]',
      '[^a]',
      '(a)',
      '(?:ab)',
      '(a|b)',
      '^',
      '$',
      '\\b',
      'ж',
    )
    const many = fc.tuple(piece, fc.constantFrom('', '', '?', '*', '+', '*?', '{1,2}')).map(([one, how]) => {
      return /^[\^$]$|^\\b$/.test(one) ? one : one + how
    })
    const pattern = fc.array(many, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(''))
    const text = fc
      .array(fc.constantFrom('a', 'b', 'A', '1', ' ', '\n', 'ж', 'é'), { maxLength: 12 })
      .map((all) => all.join(''))
    fc.assert(
      fc.property(pattern, fc.constantFrom('g', 'gi', 'gm', 'gim'), text, (source, flags, on) => {
        const literal = new RegExp(source, flags)
        const expected = matches('javascript', literal, on)
        if (typeof expected !== 'string') expect(matches('re2', literal, on)).toEqual(expected)
      }),
      { numRuns: 1000 },
    )
  })

  it.each([
    ['$match($, /(\\w)=(\\d)?/).groups', 'a=1 b= c=3'],
    ['$replace($, /(\\d+)/, "<$1>")', 'a1b22'],
    ['$replace($, /\\d/, function($m) { $string($number($m.match) + 1) })', 'a1b2'],
    ['$split($, /\\s*,\\s*/)', 'a , b,c'],
    ['$contains($, /ERROR/i)', 'an error'],
    ['$filter(["ab", "cd"], /^a/)', ''],
  ])('gives %s the result that JavaScript gives', (text, value) => {
    expect(evaluate(text, value, 're2')).toEqual(evaluate(text, value, 'javascript'))
  })

  it('runs what JavaScript would run for ever, on long text too', () => {
    expect(() => evaluate('$contains($, /^(a+)+$/)', '', 'javascript')).toThrow('this regular expression is refused')
    expect(evaluate('$contains($, /^(a+)+$/)', `${'a'.repeat(20_000)}b`, 're2')).toBe(false)
  })

  it.each(['(?=a)b', '(a)\\1', '(?!a)'])(
    'is refused when it is read where it cannot run it, with its place: %s',
    (source) => {
      try {
        evaluate(`$contains($, /${source}/)`, '', 're2')
        expect.unreachable()
      } catch (error) {
        expect(error).toBeInstanceOf(ExpressionSyntaxError)
        expect(error).toMatchObject({ position: 13, message: expect.stringContaining('refused: re2 cannot run it: ') })
      }
    },
  )

  it('leaves no state behind from one text to the next', () => {
    expect(['xa', 'a', '', 'ba'].map((text) => evaluate('$match($, /a/).index', text, 're2'))).toEqual([
      1,
      0,
      undefined,
      1,
    ])
  })
})
