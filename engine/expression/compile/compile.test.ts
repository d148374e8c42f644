import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compile } from '../compile.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { compiled, judged } from './judge.fixture.ts'

/** Expressions, one a line, per feature of the language; `input` lines say what they are evaluated on. */
const folder = new URL('./cases/', import.meta.url)

describe.each(readdirSync(folder))('%s: compiled code does what the interpreter does', (file) => {
  it.each(casesOf(file))('$text', async ({ text, input }) => {
    const expected = await judged(text, input)
    const before = JSON.stringify(input)
    expect(compile(text).mode).toBe('compiled')
    expect(await compiled(text, input)).toEqual(expected)
    expect(await compiled(text, input, undefined, { limits: DEFAULT_LIMITS })).toEqual(expected)
    expect(JSON.stringify(input)).toBe(before)
  })
})

function casesOf(file: string): { readonly text: string; readonly input: unknown }[] {
  let input: unknown
  const cases = []
  for (const line of readFileSync(new URL(file, folder), 'utf8').split('\n')) {
    if (line.startsWith('input ')) input = line === 'input undefined' ? undefined : JSON.parse(line.slice(6))
    else if (line !== '') cases.push({ text: line, input })
  }
  return cases
}

describe('compiled code', () => {
  it('lets bindings take the names of functions', () => {
    const expression = compile('$sum([1, 2])')
    expect(expression.evaluate({})).toBe(3)
    expect(expression.evaluate({}, { sum: (items: number[]) => items.length * 10 })).toBe(20)
    expect(expression.evaluate({})).toBe(3)
  })

  it('calls functions of its options, with their signatures', async () => {
    const functions = { double: { signature: '<n-:n>', implementation: (value: number) => value * 2 } }
    expect(compile('$double(a)', { functions }).evaluate({ a: 4 })).toBe(8)
    expect(compile('a.$double()', { functions }).evaluate({ a: 4 })).toBe(8)
    expect(await compiled('$double("x")', {}, undefined, { functions })).toMatchObject({ code: 'T0410' })
  })

  it('says which paths of its input it can touch', () => {
    expect(compile('items[qty > 1].(price * qty)').reads).toEqual([
      ['items', 'qty'],
      ['items', 'price'],
    ])
    expect(compile('level = "error" and $exists(user.name)').reads).toEqual([['level'], ['user', 'name']])
    expect(compile('1 + 1').reads).toEqual([])
    expect(compile('$').reads).toBe('everything')
    expect(compile('$uppercase()').reads).toBe('everything')
  })

  it('holds no text of the user', () => {
    const text = '`x"];throw 1;[""`.`${1}`["\\u2028`" = $] & `constructor`'
    expect(compile(text).evaluate({})).toBe('')
  })

  it.each([
    ['$eval("1")', '$eval'],
    ['[$x := 1, $x][0]', '$x'],
    ['function($x, $x){ $x }(2, 1)', 'one name'],
    ['({"a": 1} ~> |[]|{"tupleStream": true}|).a', 'tupleStream'],
  ])('leaves %s to the interpreter and says why', async (text, word) => {
    const { mode, why, evaluate } = compile(text)
    expect(mode).toBe('interpreted')
    expect(why).toContain(word)
    expect(evaluate({})).toBeInstanceOf(Promise)
    expect(await evaluate({})).toEqual(1)
  })

  it('gives recursion that the stack cannot hold the error of the language', async () => {
    const text = '($f := function($n) { 1 + $f($n + 1) }; $f(1))'
    expect(await compiled(text, {})).toMatchObject({ code: 'D1011' })
    expect(await compiled(text, {}, undefined, { limits: { depth: 100 } })).toMatchObject({ code: 'D1011' })
  })

  it('does not count as depth what an order has tried for keys that nobody compares', () => {
    const text = '($key := function($s) { "" & $substring($s, 0) }; $map([1..9], function() { a^(n, $key(s)).n }))'
    const input = {
      a: [
        { n: 2, s: 5 },
        { n: 1, s: 'x' },
      ],
    }
    expect(compile(text, { limits: { depth: 5 } }).evaluate(input)).toHaveLength(9)
  })

  it('stops after its time, by the clock that it is given', async () => {
    let time = 0
    const options = {
      limits: { time: 10 },
      now: () => {
        time += 4
        return time
      },
    }
    const text = '($f := function($n) { $f($n + 1) }; $f(1))'
    expect(await compiled(text, {}, undefined, options)).toMatchObject({ code: 'D1012' })
  })
})
