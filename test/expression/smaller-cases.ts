import type { Case } from './inputs.ts'

/** One case alone first, then smaller values in it. */
export function* smallerCases(cases: readonly Case[]): Generator<readonly Case[]> {
  const [only, ...others] = cases
  if (only === undefined) return
  if (others.length > 0) for (const one of cases) yield [one]
  else for (const smaller of smallerCase(only)) yield [smaller]
}

function* smallerCase({ input, bindings }: Case): Generator<Case> {
  if (bindings !== '{}') yield { input, bindings: '{}' }
  for (const smaller of smallerTexts(input)) yield { input: smaller, bindings }
  for (const smaller of smallerTexts(bindings)) if (smaller.startsWith('{')) yield { input, bindings: smaller }
}

/** JSON texts of smaller values than the one that `text` holds. */
function* smallerTexts(text: string): Generator<string> {
  for (const value of smallerValues(JSON.parse(text))) {
    const smaller = jsonText(value)
    if (smaller.length < text.length) yield smaller
  }
}

function* smallerValues(value: unknown): Generator<unknown> {
  if (value === null) return
  yield* [null, 0, 1, '', 'a', {}, []]
  if (typeof value === 'string') yield* [value.slice(0, value.length / 2), value.slice(1)]
  if (typeof value === 'number') yield Math.trunc(value)
  if (Array.isArray(value)) yield* smallerArrays(value)
  else if (typeof value === 'object') yield* smallerObjects(Object.entries(value))
}

function* smallerArrays(items: readonly unknown[]): Generator<unknown> {
  yield* items
  for (const [index, item] of items.entries()) {
    yield items.toSpliced(index, 1)
    for (const smaller of smallerValues(item)) yield items.with(index, smaller)
  }
}

function* smallerObjects(entries: readonly (readonly [string, unknown])[]): Generator<unknown> {
  for (const [, value] of entries) yield value
  for (const [index, [name, value]] of entries.entries()) {
    yield Object.fromEntries(entries.toSpliced(index, 1))
    for (const smaller of smallerValues(value)) yield Object.fromEntries(entries.with(index, [name, smaller]))
  }
}

/** As JSON.stringify, but -0 keeps its sign. */
function jsonText(value: unknown): string {
  if (Object.is(value, -0)) return '-0'
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([name, part]) => `${JSON.stringify(name)}:${jsonText(part)}`)
    .join(',')}}`
}
