import jsonata from 'jsonata'
import { describe, expect, it } from 'vitest'
import { compile } from '../../engine/expression/compile.ts'
import { COMPILER } from './compiler.ts'
import { FOUND } from './found.ts'
import { describe as described, fuzz } from './fuzz.ts'
import { BUILTIN_NAMES } from './grammar/index.ts'
import { judge, type Program, type Subject } from './judge.ts'

describe('compiled expressions', () => {
  it('give what the interpreter gives, in 20,000 random cases', async () => {
    const { counterExample, tally } = await fuzz(COMPILER, 20_000, SEED)
    expect(counterExample && described(counterExample)).toBeUndefined()
    expect(tally.get('compiled')).toBeGreaterThan(18_000)
  }, 300_000)

  it.each(FOUND.map((found) => [found.name, found] as const))(
    '%s',
    async (_name, { expression, input, bindings = '{}' }) => {
      expect(await judge(COMPILER, expression, [{ input, bindings }], new Map())).toBeUndefined()
    },
  )

  it('give results of functions of chance and time that can be', async () => {
    const { evaluate } = compile(
      '[$random() < 1, $random() >= 0, $sum($shuffle([1, 2, 3])), $millis() = $toMillis($now())]',
    )
    expect(evaluate({})).toEqual([true, true, 6, true])
  })
})

describe('the judge', () => {
  it('finds no fault with the interpreter itself', async () => {
    const { counterExample } = await fuzz(changed({}), 2000, SEED)
    expect(counterExample && described(counterExample)).toBeUndefined()
  })

  it.each([
    ['minus zero loses its sign', { result: (value) => (value === 0 ? 0 : value) }],
    [
      'a list of one stays a list',
      { result: (value) => (Array.isArray(value) || value === undefined ? value : [value]) },
    ],
    ['nothing becomes null', { result: (value) => value ?? null }],
    [
      'an empty list becomes nothing',
      { result: (value) => (Array.isArray(value) && value.length === 0 ? undefined : value) },
    ],
    ['keys come in another order', { result: (value) => (isObject(value) ? reversed(value) : value) }],
    ['errors lose their token', { error: (thrown) => Object.assign(thrown, { token: undefined }) }],
    [
      'errors are one character off',
      { error: (thrown) => Object.assign(thrown, { position: Number(thrown.position) + 1 }) },
    ],
    ['errors have another code', { error: (thrown) => Object.assign(thrown, { code: 'D0000' }) }],
    ['errors are swallowed', { swallow: true }],
    ['the input gets a mark', { before: (input) => isObject(input) && Object.assign(input, { mark: true }) }],
    [
      'a list in the input gets a mark',
      { before: (input) => Array.isArray(input) && Object.assign(input, { sequence: true }) },
    ],
    ['fields are read that were not named', { reads: [['n'], ['s']] }],
    ['texts that are no expressions pass', { parse: 'anything' }],
  ] satisfies [string, Change][])('notices within 2,000 cases when %s', async (_what, change) => {
    const { counterExample } = await fuzz(changed(change), 2000, SEED)
    expect(counterExample).toBeDefined()
  })

  it('makes a counter-example small', async () => {
    const { counterExample } = await fuzz(changed({ result: (value) => (value === 0 ? 0 : value) }), 2000, SEED)
    expect(counterExample?.expression.length).toBeLessThan(12)
    expect(counterExample?.cases).toHaveLength(1)
  })

  it('sees values, missing values and errors of expressions of every kind, and every function', async () => {
    const { tally, kinds } = await fuzz(changed({}), 8000, SEED)
    for (const what of ['value', 'nothing', 'error']) expect(tally.get(what)).toBeGreaterThan(800)
    expect(tally.get('no expression') ?? 0).toBeLessThan(200)
    expect([...BUILTIN_NAMES].filter((name) => !kinds.has(`$${name}`))).toEqual([])
    expect([...kinds].filter(([, times]) => times < 3)).toEqual([])
  })
})

const SEED = 20_001

/** Faults put into the interpreter. */
interface Change {
  readonly result?: (value: unknown) => unknown
  readonly error?: (thrown: Record<string, unknown>) => unknown
  readonly swallow?: boolean
  readonly before?: (input: unknown) => unknown
  readonly reads?: Program['reads']
  readonly parse?: 'anything'
}

function changed({ result, error, swallow, before, reads, parse }: Change): Subject {
  return {
    compile(text) {
      const program = parse === undefined ? jsonata(text) : jsonata(text, { recover: true })
      return {
        mode: 'interpreted',
        reads: reads ?? 'everything',
        evaluate: async (input, bindings) => {
          const copy = before === undefined ? structuredClone(input) : input
          before?.(input)
          try {
            const value = await program.evaluate(copy, bindings)
            return result === undefined ? value : result(value)
          } catch (thrown) {
            if (swallow) return undefined
            throw error === undefined ? thrown : error(thrown as Record<string, unknown>)
          }
        },
      }
    },
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function reversed(value: Record<string, unknown>): unknown {
  return Object.fromEntries(Object.entries(value).reverse())
}
