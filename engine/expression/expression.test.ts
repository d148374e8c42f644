import fc from 'fast-check'
import jsonata from 'jsonata'
import { afterAll, describe, expect, it } from 'vitest'
import { RecordError } from '../errors.ts'
import { type Json, makeRecord, type StreamRecord } from '../record.ts'
import { compileExpression, ExpressionSyntaxError, type Limits } from './index.ts'
import { plainJson } from './plain.ts'

const origin = { component: 'shop-log', partition: 'a.log', position: { offset: 7, line: 2 } }

function recordOf(value: Json, more: Partial<StreamRecord> = {}): StreamRecord {
  return makeRecord({ value, timestamp: 1_700_000_000_000, origin, ...more })
}

function evaluate(text: string, value: Json = {}, limits: Partial<Limits> = {}) {
  return compileExpression(text, { limits }).evaluate(recordOf(value))
}

async function failure(text: string, value: Json = {}, limits: Partial<Limits> = {}): Promise<RecordError> {
  const thrown = await Promise.resolve()
    .then(() => evaluate(text, value, limits))
    .then(
      () => undefined,
      (error) => error,
    )
  expect(thrown).toBeInstanceOf(RecordError)
  return thrown as RecordError
}

afterAll(() => expect(({} as Record<string, unknown>).polluted).toBeUndefined())

describe('an expression', () => {
  it('reads the record beside its value', async () => {
    const record = recordOf(
      { a: 1 },
      {
        key: new TextEncoder().encode('ключ'),
        headers: [
          { name: 'trace', value: 'first' },
          { name: 'trace', value: new TextEncoder().encode('last') },
        ],
      },
    )
    const text = '[$key, $timestamp, $headers.trace, $origin.component, $origin.position.line, $env.REGION, $env.NONE]'
    const result = await compileExpression(text, { environment: { REGION: 'eu' } }).evaluate(record)
    expect(result).toEqual(['ключ', 1_700_000_000_000, 'last', 'shop-log', 2, 'eu'])
    expect(await compileExpression('$key').evaluate(recordOf(1))).toBeNull()
  })

  it('yields undefined for nothing, and null for null', async () => {
    expect(await evaluate('a.b', { a: { b: null } })).toBeNull()
    expect(await evaluate('$uppercase(missing)')).toBeUndefined()
  })

  it('answers at once, and with a promise only where the interpreter has to evaluate it', () => {
    expect(evaluate('user.name', { user: { name: 'Ada' } })).toBe('Ada')
    expect(evaluate('$origin.partition')).toBe('a.log')
    expect(evaluate('$sum(users.age)', { users: [{ age: 1 }, { age: 2 }] })).toBe(3)
    expect(evaluate('[$x := 1, $x]')).toBeInstanceOf(Promise)
  })

  it('gives plain paths exactly the result that the interpreter gives', async () => {
    const names = fc.constantFrom('a', 'b', '__proto__', 'toString', '_jsonata_lambda', 'length')
    const paths = fc.array(names, { minLength: 1, maxLength: 3 })
    const values = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'medium' },
        fc.constantFrom<Json>(null, true, 0, 1.5, '', 'x'),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(names, tie('value'), { maxKeys: 3, noNullPrototype: true }),
      ),
    })).value
    await fc.assert(
      fc.asyncProperty(paths, values, async (path, value) => {
        const text = path.map((name) => `\`${name}\``).join('.')
        const expected = await jsonata(text).evaluate(structuredClone(value))
        const result = await Promise.resolve()
          .then(() => evaluate(text, value))
          .catch(({ code }) => code)
        const asFunction = JSON.stringify(expected ?? null).includes('_jsonata_')
        if (!asFunction) expect(JSON.stringify(result)).toBe(JSON.stringify(expected))
      }),
    )
  })

  it('evaluates records one after the other even when it is asked for many at once', async () => {
    const expression = compileExpression('($x := n; $sum([1..$x]) + $$.n)')
    const results = await Promise.all([1, 2, 3].map((n) => expression.evaluate(recordOf({ n }))))
    expect(results).toEqual([2, 5, 9])
  })

  it('goes on with the next record after one that failed', async () => {
    const expression = compileExpression('price * 2')
    expect(() => expression.evaluate(recordOf({ price: 'x' }))).toThrow(RecordError)
    expect(expression.evaluate(recordOf({ price: 2 }))).toBe(4)
  })

  const writers = [
    'items{"a": 1}',
    'items[]',
    'nested.{"a": 1}',
    'user(1)',
    '$ ~> |user|{"x": 1}, "name"|',
    '($f := user; $f(1))',
    'nested{"k": $}',
    '$sort(items)',
  ]
  it.each(writers)('never changes its input: %s', async (text) => {
    const value = { items: [], nested: [[], [1]], user: { name: 'Ada' } }
    const before = structuredClone(value)
    await Promise.resolve()
      .then(() => evaluate(text, value))
      .catch(() => undefined)
    expect(value).toEqual(before)
    expect(Object.keys(value.items)).toEqual([])
  })

  it('yields arrays that the next expression reads as data', async () => {
    const doubled = (await evaluate('{"n": items[q > 0].q}', { items: [{ q: 1 }, { q: 2 }] })) as { n: number[] }
    expect(Object.getOwnPropertyNames(doubled.n)).toEqual(['0', '1', 'length'])
  })

  it('reaches no prototype, and sets none', async () => {
    expect(await evaluate('[constructor, `__proto__`, toString, $.hasOwnProperty]', {})).toEqual([])
    const made = (await evaluate('{"__proto__": {"polluted": 1}, "a": 2}')) as Record<string, Json>
    expect(Object.getPrototypeOf(made)).toBe(Object.prototype)
    expect(Object.keys(made).sort()).toEqual(['__proto__', 'a'])
    await evaluate('$merge([$, {"__proto__": {"polluted": 1}}])', JSON.parse('{"__proto__": {"polluted": 1}}'))
    await evaluate('$ ~> |`__proto__`|{"polluted": 1}|', JSON.parse('{"__proto__": {}}'))
  })
})

describe('any expression', () => {
  const leaves = fc.constantFrom(
    'a',
    'b',
    'items',
    '$',
    '$$',
    '*',
    '**',
    '1',
    '"x"',
    '[]',
    '{}',
    '$key',
    '$sum',
    'null',
    '$x',
  )
  const expressions = fc.letrec<{ text: string }>((tie) => {
    const one = tie('text')
    const two = fc.tuple(one, one)
    return {
      text: fc.oneof(
        { maxDepth: 5, withCrossShrink: true },
        leaves,
        two.map(([a, b]) => `(${a}).(${b})`),
        two.map(([a, b]) => `${a}.${b}`),
        two.map(([a, b]) => `${a}[${b}]`),
        two.map(([a, b]) => `${a}{$string(${b}): ${b}}`),
        two.map(([a, b]) => `${a}.{"k": ${b}}`),
        two.map(([a, b]) => `${a}^(${b})`),
        two.map(([a, b]) => `$append(${a}, ${b})`),
        two.map(([a, b]) => `(${a} ~> |${b}|{"set": 1}, "a"|)`),
        two.map(([a, b]) => `${a}@$v.${b}`),
        two.map(([a, b]) => `($x := ${a}; ${b})`),
        two.map(([a, b]) => `${a}(${b})`),
        two.map(([a, b]) => `$map(${a}, function($i) { ${b} })`),
        one.map((a) => `${a}[]`),
        one.map((a) => `$sort(${a})`),
        one.map((a) => `$distinct([${a}])`),
        one.map((a) => `$spread(${a})`),
      ),
    }
  }).text
  const values = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<Json>(null, 1, 2, 'x', true, [], {}),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'items', '__proto__'), tie('value'), {
        maxKeys: 3,
        noNullPrototype: true,
      }),
    ),
  })).value

  it('yields JSON or a record error, and leaves its input as it was', async () => {
    await fc.assert(
      fc.asyncProperty(expressions, values, async (text, value) => {
        const before = anatomy(value)
        const outcome = await Promise.resolve()
          .then(() => evaluate(text, value, { time: 200 }))
          .catch((error) => error)
        expect(anatomy(value)).toEqual(before)
        if (outcome instanceof RecordError || outcome instanceof ExpressionSyntaxError) return
        if (outcome !== undefined) expect(JSON.parse(JSON.stringify(outcome))).toEqual(outcome)
      }),
      { numRuns: 2000 },
    )
  })
})

it('a named field that a transform has set on a list itself is no part of the result, which is JSON', () => {
  expect(Object.keys(plainJson(Object.assign([1, 2], { set: 1 }), 100) as object)).toEqual(['0', '1'])
})

/** A value with every own property, those too that JSON does not show. */
function anatomy(value: Json): unknown {
  if (typeof value !== 'object' || value === null) return value
  return Object.getOwnPropertyNames(value).map((name) => [name, anatomy((value as Record<string, Json>)[name] as Json)])
}

describe('an expression that fails', () => {
  it('names code, place and expression, never the data (J-7)', async () => {
    const error = await failure('price * qty', { price: 'geheim', qty: 2 })
    expect(error.code).toBe('SR_EXPRESSION_FAILED')
    expect(error.message).toBe('T2001 at "*": the left side is not a number near character 7, in: price * qty')
    expect(error.expression).toBe('price * qty')
  })

  const leaks = [
    '$number(x)',
    '$toMillis(x)',
    'x + 1',
    '-x',
    '$error(x)',
    '$assert(false, x)',
    '{x: 1, $string(x): 2}',
    'x < 5',
    '$map(x, x)',
    '[1..x]',
    '$single([x,x])',
  ]
  it.each(leaks)('does not repeat the data: %s', async (text) => {
    expect((await failure(text, { x: 'geheim' })).message).not.toContain('geheim')
  })

  it.each(['$sum', 'function($x) { $x }', '[$sum]', '{"f": $sum}', '/a/', '1e308 * 10'])(
    'does not yield what is no JSON: %s',
    async (text) => {
      expect((await failure(text)).code).toBe('SR_EXPRESSION_FAILED')
    },
  )
})

describe('the guards stop', () => {
  const limited: [string, string, Json?][] = [
    ['infinite tail recursion', '($f := function($n) { $f($n + 1) }; $f(1))'],
    ['infinite recursion', '($f := function($n) { 1 + $f($n) }; $f(1))'],
    ['a sequence of ten million', '$count([1..1000].([1..10000]))'],
    ['a huge range', '[1..n]', { n: 5_000_000 }],
    ['a pad of fifty million', '$length($pad("x", width))', { width: 50_000_000 }],
    ['many long pads', '$count([1..10000].$pad("x", 1000000))'],
    ['a pad behind a partial application', '$map([1..10000].$string(), $pad(?, 1000000))'],
    ['a text that doubles', '($f := function($s) { $f($s & $s) }; $f("x"))'],
    ['a text that doubles by name', '($f := function($s) { $f($join([$s, $s])) }; $f("x"))'],
    ['a text that is replaced into itself', '$replace(t, "a", t)', { t: 'a'.repeat(100_000) }],
    ['a join with a long separator', '$join([1..1000].$string(), t)', { t: 'a'.repeat(10_000) }],
    ['a picture that backtracks', '$toMillis(t, p)', { t: `${'1'.repeat(60)}x`, p: '[f1]'.repeat(20) }],
    ['a picture with digits between its parts', '$toMillis(t, "[Y]1[M]1[D]1[d]1[H]1[m]")', { t: `${'1'.repeat(90)}x` }],
    ['a long picture', '$fromMillis(1, p)', { p: '[Y]'.repeat(100) }],
    ['a long number picture', '$formatNumber(1, p)', { p: '0'.repeat(1000) }],
    ['a number picture without signs', '$formatNumber(0, "#", {"zero-digit": "", "decimal-separator": ""})'],
    ['a number beyond all bounds with an exponent', '$formatNumber(n, "0e0")', { n: Number.POSITIVE_INFINITY }],
    ['a number beyond all bounds as letters', '$formatInteger(n, "A")', { n: Number.NEGATIVE_INFINITY }],
    ['a text beyond all bounds as a number', '$formatNumber(?, "0e0")(t)', { t: '-1e400' }],
    ['a range without end, in the interpreter', '[$x := 1, [n..n]]', { n: 1e21 }],
    ['a list in place of a number', '$formatNumber(?, "0.0#e00")(list)', { list: [] }],
    ['a sort that V8 does not survive', '$sort(n)', { n: Array.from({ length: 50_000 }, (_, i) => -i) }],
    ['an order-by of as many', 'n^($)', { n: Array.from({ length: 50_000 }, (_, i) => (i * 7919) % 50_021) }],
    ['a distinct over very many', '$distinct(n)', { n: Array.from({ length: 100_000 }, (_, i) => i) }],
    ['a slow pattern on a long text', '$contains(t, /,(.*),(.*)$/)', { t: ','.repeat(100_000) }],
    ['a result beyond the size of a record', '[1..3].$$.t', { t: 'a'.repeat(500_000) }],
    [
      'a small value that is huge as JSON',
      '($f := function($x, $n) { $n = 0 ? $x : $f([[$x], [$x]], $n - 1) }; $f(1, 40))',
    ],
  ]
  it.each(limited)('%s', async (_, text, value) => {
    expect((await failure(text, value ?? {}, { time: 300 })).code).toBe('SR_EXPRESSION_LIMIT')
  })

  it('nothing that is merely wide', async () => {
    const items = Array.from({ length: 3000 }, (_, i) => ({ sku: `s${i}`, q: i }))
    expect(Object.keys((await evaluate('items{sku: $sum(q)}', { items })) as object)).toHaveLength(3000)
    expect(await evaluate('$toMillis("20260102030405", "[Y0001][M01][D01][H01][m01][s01]")')).toBe(
      Date.UTC(2026, 0, 2, 3, 4, 5),
    )
    expect(
      await evaluate('$toMillis("14/Mar/2026:12:00:01 +0000", "[D01]/[MNn,3-3]/[Y0001]:[H01]:[m01]:[s01] [Z0001]")'),
    ).toBe(Date.UTC(2026, 2, 14, 12, 0, 1))
    expect(await evaluate('$map(["a", "b"], $pad(?, 3)) ~> $join("|")')).toBe('a  |b  ')
    expect(await evaluate('["b", "a"] ~> $sort ~> $map($uppercase)')).toEqual(['A', 'B'])
  })
})

describe('the time', () => {
  it.each([
    '[$millis(), $toMillis($now()), $millis()]',
    // Left to the interpreter.
    '[$x := $millis(), $toMillis($now()), $millis()]',
  ])('is that of the clock it is given, once for an evaluation: %s', async (text) => {
    let time = 1_700_000_000_000
    const expression = compileExpression(text, { clock: () => time++ })
    expect(await expression.evaluate(recordOf({}))).toEqual(Array(3).fill(1_700_000_000_000))
    expect(await expression.evaluate(recordOf({}))).toEqual(Array(3).fill(1_700_000_000_001))
  })

  it('may stand still: the limit of time is that of the machine', async () => {
    const endless = compileExpression('($f := function($x) { $f($x) }; $f(1))', {
      limits: { time: 50 },
      clock: () => 0,
    })
    const thrown = await Promise.resolve()
      .then(() => endless.evaluate(recordOf({})))
      .catch((error) => error)
    expect(thrown).toMatchObject({ code: 'SR_EXPRESSION_LIMIT' })
  })
})

describe('a wrong expression', () => {
  const faults: [string, number, string][] = [
    ['price > > 3', 8, 'S0211'],
    ['foo(', 4, 'S0203'],
    ['a ..b', 2, 'S0201'],
    ['', 0, 'S0207'],
    ['x ~> /(a/', 9, 'S0302'],
    ['x ~> /[z-a]/', 5, 'S0302'],
    ['1 + $eval(code)', 4, 'unsafe'],
    ['($f := $eval; $f(code))', 7, 'unsafe'],
    ['$match(name, /^(a+)+$/)', 13, 'unsafe'],
    ['('.repeat(20_000), 0, 'unsafe'],
  ]
  it.each(faults)('is refused before it runs: %.30s', (text, position, code) => {
    const refused = () => compileExpression(text)
    expect(refused).toThrow(ExpressionSyntaxError)
    expect(refused).toThrow(expect.objectContaining({ position, code }))
  })
})
