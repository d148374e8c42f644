import type { KeyedState } from '../../../engine/plugin.ts'
import type { Verdict } from './check.ts'
import type { Tally } from './tally.ts'

/** What the windows before have had of each value, by the name of the check. */
export type History = KeyedState<Past>

interface Past {
  windows: number
  total: number
  readonly counts: { [value: string]: number }
}

interface Drift {
  readonly limit: number
  readonly warm_up: number
}

/**
 * The total variation distance between the shares of this window and those of all before it, which it then joins. Half
 * the sum of the absolute differences, so that 0 is the same and 1 is nothing in common.
 */
export function driftBetween(
  { looked, values }: Tally,
  name: string,
  { limit, warm_up }: Drift,
  history: History,
): Verdict {
  const past = history.get(name) ?? { windows: 0, total: 0, counts: Object.create(null) as Past['counts'] }
  const expected = { max_distance: limit }
  const isJudged = past.windows >= warm_up && looked > 0
  const distance = isJudged ? distanceOf(values, looked, past) : 0
  const widest = isJudged ? { widest: widestOf(values, looked, past) } : {}
  if (looked > 0) learn(values, looked, past)
  history.set(name, past)
  return { ok: distance <= limit, observed: { distance, ...widest }, expected }
}

function distanceOf(values: ReadonlyMap<string, number>, looked: number, past: Past): number {
  let sum = 0
  for (const value of valuesIn(values, past)) sum += Math.abs(changeOf(value, values, looked, past))
  return sum / 2
}

/** The value whose share has changed most. */
function widestOf(values: ReadonlyMap<string, number>, looked: number, past: Past) {
  const changes = valuesIn(values, past).map((value) => ({ value, change: changeOf(value, values, looked, past) }))
  const [widest] = changes.toSorted((a, b) => Math.abs(b.change) - Math.abs(a.change))
  return widest === undefined ? null : { value: JSON.parse(widest.value), change: widest.change }
}

/** In an order that does not depend on that of their arrival: a sum of fractions would, in its last digits. */
function valuesIn(values: ReadonlyMap<string, number>, past: Past): readonly string[] {
  return [...new Set([...values.keys(), ...Object.keys(past.counts)])].toSorted()
}

function changeOf(value: string, values: ReadonlyMap<string, number>, looked: number, past: Past): number {
  return (values.get(value) ?? 0) / looked - (past.counts[value] ?? 0) / past.total
}

function learn(values: ReadonlyMap<string, number>, looked: number, past: Past): void {
  for (const [value, count] of values) past.counts[value] = (past.counts[value] ?? 0) + count
  past.total += looked
  past.windows += 1
}
