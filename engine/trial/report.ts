import { linesOf } from '../config/lines.ts'
import type { Json } from '../record.ts'
import type { Captured } from './capture-sink.ts'
import { keysThatDiffer, type Mismatch } from './compare.ts'
import type { ExpectedRecord } from './expectation.ts'
import type { Failure } from './judge.ts'
import type { CaseResult } from './run-case.ts'
import type { TestFile } from './test-file.ts'

/** One case as people read it: a line when it is as expected, else what is not. */
export function describeCase(result: CaseResult, tests: Pick<TestFile, 'file' | 'text'>): string[] {
  const { failures, stopped } = result
  if (failures.length === 0 && stopped === undefined) return [`  ok    ${result.case.name}`]
  return [
    `  FAIL  ${result.case.name}`,
    ...failures.flatMap((failure) => describeFailure(failure, tests)).map((line) => `        ${line}`),
    ...(stopped === undefined ? [] : [`        the pipeline stopped: ${stopped}`]),
  ]
}

function describeFailure(failure: Failure, { file, text }: Pick<TestFile, 'file' | 'text'>): string[] {
  const { expectation, mismatches, notes, actual } = failure
  const { line, column } = linesOf(text).placeOf(expectation.place.start)
  const shown = mismatches.slice(0, MOST_SHOWN).flatMap((one) => describeMismatch(one, failure))
  const more = mismatches.length - MOST_SHOWN
  return [
    `${file}:${line}:${column} ${expectation.output}: ${counts(expectation.records?.length, actual.length)}`,
    ...notes.map((note) => `  ${note}`),
    ...shown.map((one) => `  ${one}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ]
}

const MOST_SHOWN = 10

function counts(expected: number | undefined, actual: number): string {
  if (expected === undefined) return `${actual} records came`
  return expected === actual ? `${actual} records, as many as expected` : `${expected} records expected, ${actual} came`
}

function describeMismatch({ expected, actual }: Mismatch, { expectation, actual: came }: Failure): string[] {
  const wanted = expected === undefined ? undefined : expectation.records?.[expected]
  const found = actual === undefined ? undefined : came[actual]
  if (wanted === undefined) return [`+ unexpected ${shortened(found?.value ?? null)}`]
  if (found === undefined) return [`- missing    ${shortened(viewOf(wanted))}`]
  return [`~ record ${(actual ?? 0) + 1} is not as expected`, ...fieldLines(wanted, found, expectation.partial)]
}

/** Field by field where both are maps; else as a whole. */
function fieldLines(wanted: ExpectedRecord, found: Captured, partial: boolean): string[] {
  const lines: string[] = []
  const tell = (name: string, expected: Json | undefined, actual: Json | undefined) => {
    const label = name === '' ? '' : `${name}: `
    lines.push(`    - ${label}${shown(expected)}`, `    + ${label}${shown(actual)}`)
  }
  const { value } = wanted
  if (value !== undefined) {
    const keys = keysThatDiffer(value, found.value, partial)
    const fieldOf = (of: Json, key: string) => (of as { readonly [key: string]: Json })[key]
    for (const key of keys) tell(key, fieldOf(value, key), fieldOf(found.value, key))
    if (keys.length === 0 && JSON.stringify(value) !== JSON.stringify(found.value)) tell('', value, found.value)
  }
  if (wanted.key !== undefined && wanted.key !== found.key) tell('$key', wanted.key, found.key)
  if (wanted.at !== undefined && wanted.at !== found.timestamp) tell('$at', iso(wanted.at), iso(found.timestamp))
  if (wanted.headers !== undefined) {
    for (const key of keysThatDiffer(wanted.headers, found.headers, true)) {
      tell(`$headers.${key}`, wanted.headers[key], found.headers[key])
    }
  }
  return lines
}

function viewOf({ value, key, at, headers }: ExpectedRecord): Json {
  if (key === undefined && at === undefined && headers === undefined) return value ?? null
  return {
    ...(value === undefined ? {} : { $value: value }),
    ...(key === undefined ? {} : { $key: key }),
    ...(at === undefined ? {} : { $at: iso(at) }),
    ...(headers === undefined ? {} : { $headers: headers }),
  }
}

function shown(value: Json | undefined): string {
  return value === undefined ? '(nothing)' : shortened(value)
}

function shortened(value: Json): string {
  const text = JSON.stringify(value)
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}...` : text
}

const MOST_CHARACTERS = 200

function iso(ms: number): string {
  return Number.isFinite(ms) && Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : String(ms)
}
