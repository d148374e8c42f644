import jsonata from 'jsonata'
import { describe, expect, it } from 'vitest'
import { CASES, type Case } from './cases/index.ts'
import { compile } from './compile.ts'

it('is compiled, whatever the feature', () => {
  const parsed = Object.values(CASES)
    .flat()
    .filter(({ fails }) => !fails?.startsWith('S'))
  expect(parsed.filter(({ expression }) => compile(expression).mode !== 'compiled')).toEqual([])
})

describe.each(Object.entries(CASES))('%s', (_group, cases) => {
  it.each(cases.map((one) => [one.promise, one] as const))('%s', async (_promise, one) => {
    const interpreted = await outcomeOf((input) => jsonata(one.expression).evaluate(input, one.bindings), one)
    const compiled = await outcomeOf((input) => compile(one.expression).evaluate(input, one.bindings), one)
    expect({ interpreted, compiled }).toEqual({ interpreted: expected(one), compiled: expected(one) })
  })
})

function expected({ fails, gives }: Case): unknown {
  return fails === undefined ? { gives } : { fails }
}

/** The input as JSON would hand it over. */
async function outcomeOf(evaluate: (input: unknown) => unknown, { input }: Case): Promise<unknown> {
  try {
    const result = await evaluate(structuredClone(input))
    return { gives: plain(result) }
  } catch (thrown) {
    return { fails: (thrown as { readonly code?: string }).code ?? thrown }
  }
}

/** Without the marks on arrays, and with ordinary objects. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]))
}
