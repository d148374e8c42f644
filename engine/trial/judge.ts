import { messageOf } from '../errors.ts'
import { functionTable } from '../expression/functions/index.ts'
import { NO_TABLES } from '../expression/functions/lookup-table.ts'
import { compileExpression } from '../expression/index.ts'
import { isTrue } from '../expression/truth.ts'
import { seededRandom } from '../random.ts'
import { makeRecord } from '../record.ts'
import type { Captured } from './capture-sink.ts'
import { type Mismatch, matches, mismatches } from './compare.ts'
import type { Expectation, ExpectedRecord } from './expectation.ts'

/** What is not as expected at one place. */
export interface Failure {
  readonly expectation: Expectation
  /** What came out there. */
  readonly actual: readonly Captured[]
  /** Places in `expectation.records` and in `actual`. */
  readonly mismatches: readonly Mismatch[]
  /** What counts and assertions say. */
  readonly notes: readonly string[]
}

/** Undefined when everything is as expected. */
export async function judge(expectation: Expectation, actual: readonly Captured[]): Promise<Failure | undefined> {
  const { count } = expectation
  const found = compare(expectation, actual)
  const counted = count === undefined || count === actual.length ? [] : [`${actual.length} records instead of ${count}`]
  const notes = [...counted, ...(await brokenAsserts(expectation, actual))]
  return found.length + notes.length === 0 ? undefined : { expectation, actual, mismatches: found, notes }
}

function compare({ records, partial, unordered }: Expectation, actual: readonly Captured[]): readonly Mismatch[] {
  if (records === undefined) return []
  const same = (one: number, other: number) =>
    isAsExpected(records[one] as ExpectedRecord, actual[other] as Captured, partial)
  return mismatches(records.length, actual.length, same, unordered)
}

function isAsExpected({ value, key, at, headers }: ExpectedRecord, actual: Captured, partial: boolean): boolean {
  return (
    (value === undefined || matches(value, actual.value, partial)) &&
    (key === undefined || key === actual.key) &&
    (at === undefined || at === actual.timestamp) &&
    (headers === undefined || matches(headers, actual.headers, true))
  )
}

async function brokenAsserts({ asserts }: Expectation, actual: readonly Captured[]): Promise<string[]> {
  const origin = { component: 'test', partition: 'output', position: null }
  const record = makeRecord({ value: actual.map(({ value }) => value), timestamp: 0, origin })
  const functions = functionTable({ random: seededRandom(1), tables: NO_TABLES })
  const broken = asserts.map(async (text) => {
    try {
      return isTrue(await compileExpression(text, { functions }).evaluate(record)) ? [] : [`not true: ${text}`]
    } catch (error) {
      return [`cannot be told: ${text}: ${messageOf(error)}`]
    }
  })
  return (await Promise.all(broken)).flat()
}
