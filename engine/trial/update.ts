import { dirname, join } from 'node:path'
import { stringify } from 'yaml'
import type { Json } from '../record.ts'
import type { Failure } from './judge.ts'
import type { TestFile } from './test-file.ts'

type Tests = Pick<TestFile, 'file' | 'text' | 'fixtures'>

/**
 * The test file, and files that it names, with what came out in the place of what was expected: path -> text of those
 * that change. What cannot be updated stays.
 */
export function updated(tests: Tests, failures: readonly Failure[]): ReadonlyMap<string, string> {
  const due = failures.filter((failure) => canUpdate(failure, tests))
  const lists = due.filter(({ expectation }) => expectation.list !== undefined)
  const files = due.map(({ expectation: { file }, actual }): [string, string] | undefined =>
    file === undefined ? undefined : [join(dirname(tests.file), file), linesFor(valuesOf(actual))],
  )
  return new Map([
    ...(lists.length === 0 ? [] : [[tests.file, withLists(tests.text, lists)] as const]),
    ...files.filter((one) => one !== undefined),
  ])
}

/**
 * Whole values, in a list of the test file or in a file that it names once: of anything else nobody knows which part was
 * meant, and a file that is named again is what something else is given or must be.
 */
export function canUpdate({ expectation, mismatches }: Failure, { fixtures }: Tests): boolean {
  const { list, file, partial, records } = expectation
  const onlyValues = records?.every(({ key, at, headers }) => [key, at, headers].every((one) => one === undefined))
  const isItsOwn = list !== undefined || (file !== undefined && fixtures.get(file) === 1)
  return mismatches.length > 0 && isItsOwn && !partial && onlyValues === true
}

function withLists(text: string, failures: readonly Failure[]): string {
  const changes = failures.map(({ expectation, actual }) => ({
    start: expectation.list?.start ?? 0,
    end: expectation.list?.end ?? 0,
    values: valuesOf(actual),
  }))
  return changes
    .toSorted((a, b) => b.start - a.start)
    .reduce((whole, { start, end, values }) => {
      const old = whole.slice(start, end)
      const rest = old.length - old.trimEnd().length
      return whole.slice(0, start) + listAt(whole, start, values) + whole.slice(end - rest)
    }, text)
}

function valuesOf(actual: Failure['actual']): Json[] {
  return actual.map(({ value }) => value)
}

/** One record a line, written like the first one was: in a block, or between brackets. */
function listAt(text: string, start: number, values: readonly Json[]): string {
  if (values.length === 0) return '[]'
  const records = values.map((value) => stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim())
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const before = text.slice(lineStart, start)
  const isBlock = before.trim() === ''
  return isBlock ? records.map((record) => `- ${record}`).join(`\n${before}`) : `[${records.join(', ')}]`
}

function linesFor(values: readonly Json[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('')
}
