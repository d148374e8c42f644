import { LimitReached } from '../limits.ts'
import type { Guard } from './guard.ts'

/**
 * The package's merge sort: the same comparisons in the same order, because comparing can fail and need not be
 * consistent. An array of one item or none is handed on as it is.
 */
export function sortItems(items: unknown[], isAfter: (a: unknown, b: unknown) => unknown, guard: Guard): unknown[] {
  if (items.length <= 1) return items
  checkSorted('$sort', items.length, guard)
  return sorted(items, 0, items.length, isAfter, guard)
}

export function checkSorted(name: string, length: number, guard: Guard): void {
  const { sorted: most } = guard.limits
  if (most !== undefined && length > most) throw new LimitReached(`hands ${name} more than ${most} items`)
}

function sorted(
  items: readonly unknown[],
  start: number,
  end: number,
  isAfter: (a: unknown, b: unknown) => unknown,
  guard: Guard,
): unknown[] {
  if (end - start <= 1) return items.slice(start, end)
  const middle = start + Math.floor((end - start) / 2)
  const left = sorted(items, start, middle, isAfter, guard)
  const right = sorted(items, middle, end, isAfter, guard)
  guard.tick(end - start)
  return merged(left, right, isAfter)
}

function merged(
  left: readonly unknown[],
  right: readonly unknown[],
  isAfter: (a: unknown, b: unknown) => unknown,
): unknown[] {
  const result: unknown[] = []
  let l = 0
  let r = 0
  while (l < left.length && r < right.length) {
    if (isAfter(left[l], right[r])) result.push(right[r++])
    else result.push(left[l++])
  }
  while (l < left.length) result.push(left[l++])
  while (r < right.length) result.push(right[r++])
  return result
}
