import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RecordError } from '../../errors.ts'
import { seededRandom } from '../../random.ts'
import { type Json, makeRecord } from '../../record.ts'
import { interpretedPlain } from '../compile/fallback.ts'
import { compileExpression } from '../index.ts'
import { FUNCTION_ERRORS } from './errors.ts'
import { functionTable, STREAMRUN_FUNCTIONS } from './index.ts'

const tables = new Map([['countries', new Map<string, Json>([['DK', { code: 'DK', name: 'Denmark' }]])]])
const functions = functionTable({ random: seededRandom(7), tables })

const ORIGIN = { component: 'test', partition: '0', position: 0 }

async function evaluate(text: string, input: unknown = {}): Promise<unknown> {
  const record = makeRecord({ value: input as Json, timestamp: 0, origin: ORIGIN })
  return compileExpression(text, { functions }).evaluate(record)
}

/** The same in the interpreter of the package. */
async function interpret(text: string, input: unknown = {}): Promise<unknown> {
  return interpretedPlain(text, { functions })(input)
}

async function codeOf(evaluation: Promise<unknown>): Promise<unknown> {
  const error: unknown = await evaluation.catch((thrown: unknown) => thrown)
  return error instanceof RecordError ? /^[A-Z]\d{4}/.exec(error.message)?.[0] : (error as { code?: unknown }).code
}

const examples = Object.values(STREAMRUN_FUNCTIONS).flatMap((one) => one.examples)

describe('the functions of streamrun', () => {
  it.each(examples)('do what their reference says: $expression', async ({ expression, input, result }) => {
    expect(await evaluate(expression, input)).toEqual(result)
    expect(await interpret(expression, input)).toEqual(result)
  })

  it.each(Object.entries(STREAMRUN_FUNCTIONS))('yield nothing, or count none, for nothing: $%s', async (name, one) => {
    if (one.parameters === '') return
    const needed = one.parameters.split(', ').filter((parameter) => !parameter.startsWith('['))
    const call = `$${name}(${needed.map(() => 'nothing').join(', ')})`
    const expected = name === 'approx_distinct' ? 0 : undefined
    expect([await evaluate(call), await interpret(call)]).toEqual([expected, expected])
  })

  it.each(Object.entries(STREAMRUN_FUNCTIONS))('can be applied in part: $%s', async (name, { parameters }) => {
    if (parameters === '') return
    const names = parameters.split(', ')
    const call = `$type($${name}(${names.map(() => '?').join(', ')}))`
    expect([await evaluate(call), await interpret(call)]).toEqual(['function', 'function'])
  })

  it.each([
    ['$median("x")', 'T0412'],
    ['$percentile([1, "x"], 50)', 'T0412'],
    ['$percentile([1])', 'T0410'],
    ['$percentile([1], 101)', 'D4001'],
    ['$top([1], -1)', 'D4002'],
    ['$top([$sum], 1)', 'T0412'],
    ['$top([1], 1.5)', 'D4002'],
    ['$approx_distinct([$sum])', 'T0412'],
    ['$hash($sum)', 'T0410'],
    ['$hash("x", "rot13")', 'D4003'],
    ['$hash("x", "constructor")', 'D4003'],
    ['$parse_time("x", "%Q")', 'D4004'],
    ['$parse_time("x", "iso", "Mars/Base")', 'D4004'],
    ['$parse_time(true)', 'T0410'],
    ['$format_time("x")', 'T0411'],
    ['$format_time(1e17)', 'D4005'],
    ['$parse_json(1)', 'T0410'],
    ['$cidr_contains("10.0.0.0", "10.0.0.1")', 'D4006'],
    ['$cidr_contains(["10.0.0.0/33"], "10.0.0.1")', 'D4006'],
    ['$cidr_contains([1], "10.0.0.1")', 'T0412'],
    ['$lookup_table("nope", 1)', 'D4007'],
    ['$mask("x", 0, 0, "##")', 'D4008'],
    ['$mask("x", -1)', 'D4002'],
    ['$uuid(1)', 'T0410'],
  ])('refuse wrong arguments with a code: %s', async (text, code) => {
    expect([await codeOf(evaluate(text)), await codeOf(interpret(text))]).toEqual([code, code])
  })

  it('have a code that some test provokes for every error', async () => {
    const texts = ['D4001', 'D4002', 'D4003', 'D4004', 'D4005', 'D4006', 'D4007', 'D4008', 'T0412']
    expect(Object.keys(FUNCTION_ERRORS).sort()).toEqual(texts)
  })

  it('never name the data in an error', async () => {
    const origin = { component: 'test', partition: '0', position: 0 }
    const value = { secret: 'hunter2' }
    const expression = compileExpression('$hash("x", secret)', { functions })
    const evaluated = async () => expression.evaluate(makeRecord({ value, timestamp: 0, origin }))
    const error = await evaluated().catch((thrown) => thrown)
    expect(String(error.message)).not.toContain('hunter2')
    expect(error.message).toBe(
      'D4003 at "hash": there is no such hash algorithm near character 6, in: $hash("x", secret)',
    )
  })

  it('take the context where JSONata functions do', async () => {
    expect(await evaluate('body.$parse_json().a', { body: '{"a":1}' })).toBe(1)
    expect(await evaluate('ip.$cidr_contains("10.0.0.0/8")', { ip: '10.1.2.3' })).toBe(true)
  })

  it('reach and make no prototype', async () => {
    expect(await evaluate('$keys($parse_query("__proto__=1&constructor=2"))')).toEqual(['__proto__', 'constructor'])
    expect(await evaluate('$lookup_table("countries", "__proto__")')).toBeUndefined()
    expect(await evaluate('$parse_json(text).toString', { text: '{"__proto__":{"toString":1}}' })).toBeUndefined()
  })
})

describe('$uuid', () => {
  it('is of version 4, another one each time, the same for the same seed', async () => {
    const make = functionTable({ random: seededRandom(1), tables }).uuid?.implementation as () => string
    const again = functionTable({ random: seededRandom(1), tables }).uuid?.implementation as () => string
    const ids = Array.from({ length: 1000 }, () => make())
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(new Set(ids).size).toBe(1000)
    expect(ids).toEqual(Array.from({ length: 1000 }, () => again()))
  })
})

describe('$random and $shuffle', () => {
  const drawn = async (text: string, seed: number) => {
    const expression = compileExpression(text, { functions: functionTable({ random: seededRandom(seed), tables }) })
    const record = makeRecord({ value: { list: [1, 2, 3, 4, 5], one: [1] }, timestamp: 0, origin: ORIGIN })
    const made: unknown[] = []
    while (made.length < 50) made.push(await expression.evaluate(record))
    return made
  }

  it.each([
    '$random()',
    '$shuffle(list)',
    '$map(list, function() { $random() })',
    '$draw := $random; $draw()',
    'list ~> $shuffle',
  ])('%s is the same for the same seed, and another one each time', async (text) => {
    const made = await drawn(`(${text})`, 1)
    expect(made).toEqual(await drawn(`(${text})`, 1))
    expect(made).not.toEqual(await drawn(`(${text})`, 2))
    expect(new Set(made.map((value) => JSON.stringify(value))).size).toBeGreaterThan(20)
  })

  it('are what they are in JSONata', async () => {
    for (const number of await drawn('$random()', 1)) expect(number).toSatisfy((one: number) => one >= 0 && one < 1)
    for (const list of await drawn('$shuffle(list)', 1)) expect((list as number[]).toSorted()).toEqual([1, 2, 3, 4, 5])
    expect((await drawn('[$shuffle(one), $shuffle([]), $shuffle("a"), $shuffle(nothing)]', 1))[0]).toEqual([1, 'a'])
    await expect(drawn('$random(1)', 1)).rejects.toThrow('T0410')
    await expect(drawn('$shuffle(1, 2)', 1)).rejects.toThrow('T0410')
  })

  it('put every order at every place', async () => {
    const orders = new Set(await drawn('$join($shuffle(["a", "b", "c"]))', 3))
    expect([...orders].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba'])
  })
})

describe('$top', () => {
  it('does not depend on the order of the values', async () => {
    const values = fc.array(fc.constantFrom<Json>(null, true, 1, '1', 'a', 'B', [1], { a: 1, b: 2 }, { b: 2, a: 1 }), {
      minLength: 1,
    })
    await fc.assert(
      fc.asyncProperty(values, async (list) => {
        const expected = await evaluate('$top($, 3)', list)
        expect(await evaluate('$top($, 3)', list.toReversed())).toEqual(expected)
      }),
    )
  })

  it('orders equal counts by type and value', async () => {
    const input = [{ a: 1 }, [1], 'b', 'B', 10, 9, true, false, null]
    const top = (await evaluate('$top(list, 9)', { list: input })) as { value: Json }[]
    expect(top.map(({ value }) => value)).toEqual([null, false, true, 9, 10, 'B', 'b', [1], { a: 1 }])
  })
})
