import { describe, expect, it } from 'vitest'
import { compilePattern } from './text-pattern.ts'

function compiled(source: string) {
  const pattern = compilePattern(source)
  if ('fault' in pattern) throw new Error(pattern.fault)
  return pattern
}

describe('a regular expression of the definition', () => {
  it('finds what RegExp finds, with its groups', () => {
    expect(compiled('^(\\d+) (?<word>\\w+)').exec('12 ab cd')?.slice(1)).toEqual(['12', 'ab'])
    expect(compiled('^\\d').exec('no')).toBeNull()
  })

  it('is refused when it is none, and says why', () => {
    expect(compilePattern('(')).toEqual({ fault: 'invalid regular expression: /(/: Unterminated group' })
  })

  it('is refused when it can take for ever (J-2)', () => {
    expect(compilePattern('^(a+)+$')).toEqual({ fault: expect.stringContaining('is refused') })
  })

  it('looks at the beginning of a text that is so long that it could become slow', () => {
    const slow = compiled('a.*b.*c.*d')
    expect(slow.exec(`abcd${'x'.repeat(1_000_000)}`)).not.toBeNull()
    expect(slow.exec(`${'x'.repeat(1_000_000)}abcd`)).toBeNull()
  })
})
