import { stringify } from 'yaml'
import type { Json } from '../record.ts'
import type { Failure } from './judge.ts'

/** The text of a test file with what came out in the place of what was expected; what cannot be updated stays. */
export function updated(text: string, failures: readonly Failure[]): string {
  const changes = failures.filter(canUpdate).map(({ expectation, actual }) => ({
    start: expectation.list?.start ?? 0,
    end: expectation.list?.end ?? 0,
    values: actual.map(({ value }) => value),
  }))
  return changes
    .toSorted((a, b) => b.start - a.start)
    .reduce((whole, { start, end, values }) => {
      const old = whole.slice(start, end)
      const rest = old.length - old.trimEnd().length
      return whole.slice(0, start) + listAt(whole, start, values) + whole.slice(end - rest)
    }, text)
}

/** Whole values in a list of the file itself: of anything else nobody knows which part was meant. */
export function canUpdate({ expectation, mismatches }: Failure): boolean {
  const { list, partial, records } = expectation
  const onlyValues = records?.every(({ key, at, headers }) => [key, at, headers].every((one) => one === undefined))
  return mismatches.length > 0 && list !== undefined && !partial && onlyValues === true
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
