import type { Json } from '../record.ts'

/** True when the two are the same JSON; the order of keys does not count. `partial`: only the keys of `expected` do. */
export function matches(expected: Json, actual: Json | undefined, partial: boolean): boolean {
  if (!isObjectOrList(expected) || !isObjectOrList(actual)) return Object.is(expected, actual)
  if (Array.isArray(expected) !== Array.isArray(actual)) return false
  const wanted = Object.entries(expected)
  const found = actual as { readonly [key: string]: Json }
  const sameSize = (partial && !Array.isArray(expected)) || Object.keys(actual).length === wanted.length
  return sameSize && wanted.every(([key, value]) => Object.hasOwn(found, key) && matches(value, found[key], partial))
}

/** The keys by which two values differ; none where one of them has no keys. */
export function keysThatDiffer(expected: Json, actual: Json, partial: boolean): string[] {
  if (!isObjectOrList(expected) || !isObjectOrList(actual)) return []
  const wanted = expected as { readonly [key: string]: Json }
  const found = actual as { readonly [key: string]: Json }
  const keys = new Set([...Object.keys(wanted), ...(partial ? [] : Object.keys(found))])
  return [...keys].filter((key) => {
    if (!Object.hasOwn(wanted, key) || !Object.hasOwn(found, key)) return true
    return !matches(wanted[key] as Json, found[key], partial)
  })
}

/** Two places in two lists, of which one may be missing, that have nothing equal in the other list. */
export interface Mismatch {
  readonly expected: number | undefined
  readonly actual: number | undefined
}

/** What is left of two lists of these lengths when everything that is the same is taken out, in the order of the lists. */
export function mismatches(
  expected: number,
  actual: number,
  same: (expected: number, actual: number) => boolean,
  unordered: boolean,
): readonly Mismatch[] {
  if (unordered) return unpaired(expected, actual, pairsInAnyOrder(expected, actual, same))
  const found: Mismatch[] = []
  let [fromExpected, fromActual] = [0, 0]
  for (const [nextExpected, nextActual] of [...pairsInOrder(expected, actual, same), [expected, actual] as const]) {
    const left = range(fromExpected, nextExpected)
    found.push(...sideBySide(left, range(fromActual, nextActual)))
    fromExpected = nextExpected + 1
    fromActual = nextActual + 1
  }
  return found
}

function unpaired(expected: number, actual: number, pairs: readonly Pair[]): Mismatch[] {
  const [left, right] = [new Set(pairs.map(([one]) => one)), new Set(pairs.map(([, one]) => one))]
  return sideBySide(
    range(0, expected).filter((index) => !left.has(index)),
    range(0, actual).filter((index) => !right.has(index)),
  )
}

/** As far as there are two of them, one is taken for what the other should have been. */
function sideBySide(expected: readonly number[], actual: readonly number[]): Mismatch[] {
  const length = Math.max(expected.length, actual.length)
  return range(0, length).map((index) => ({ expected: expected[index], actual: actual[index] }))
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index)
}

type Pair = readonly [expected: number, actual: number]
type Same = (expected: number, actual: number) => boolean

function pairsInAnyOrder(expected: number, actual: number, same: Same): Pair[] {
  const free = new Set(range(0, actual))
  return range(0, expected).flatMap((one): Pair[] => {
    const other = [...free].find((index) => same(one, index))
    if (other === undefined) return []
    free.delete(other)
    return [[one, other]]
  })
}

/** The longest common subsequence, by the table that every textbook has, behind what is the same at the beginning. */
function pairsInOrder(expected: number, actual: number, same: Same): Pair[] {
  let start = 0
  while (start < expected && start < actual && same(start, start)) start += 1
  const pairs = range(0, start).map((index): Pair => [index, index])
  const [rows, columns] = [expected - start, actual - start]
  if (rows * columns > MOST_CELLS) return pairs
  const table = Array.from({ length: rows + 1 }, () => new Uint32Array(columns + 1))
  const at = (row: number, column: number) => table[row]?.[column] ?? 0
  for (let row = rows - 1; row >= 0; row--) {
    for (let column = columns - 1; column >= 0; column--) {
      const isSame = same(start + row, start + column)
      const longest = isSame ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1))
      table[row]?.fill(longest, column, column + 1)
    }
  }
  for (let row = 0, column = 0; row < rows && column < columns; ) {
    if (same(start + row, start + column)) pairs.push([start + row++, start + column++])
    else if (at(row + 1, column) >= at(row, column + 1)) row += 1
    else column += 1
  }
  return pairs
}

/** Beyond it, everything behind the common beginning counts as different. */
const MOST_CELLS = 1_000_000

function isObjectOrList(value: Json | undefined): value is readonly Json[] | { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null
}
