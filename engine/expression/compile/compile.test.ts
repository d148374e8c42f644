import { describe, expect, it } from 'vitest'
import { compile } from '../compile.ts'
import { CASES } from './cases.fixture.ts'
import { compiled, judged } from './judge.fixture.ts'

describe.each(Object.entries(CASES))('%s: compiled code does what the interpreter does', (_feature, cases) => {
  it.each(cases.map(([text, input]) => ({ text, input })))('$text', async ({ text, input }) => {
    const expected = await judged(text, input)
    const before = JSON.stringify(input)
    expect(compile(text).mode).toBe('compiled')
    expect(await compiled(text, input)).toEqual(expected)
    expect(JSON.stringify(input)).toBe(before)
  })
})
