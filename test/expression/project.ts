import { MARKS } from './inputs.ts'

/**
 * A copy of `value` without the fields that no path leads to. Arrays keep their length, and a path goes on in each of
 * their items; what a path ends at is kept whole, and so is what stands in its way (a text where an object was expected,
 * and what makes the interpreter take data for something of its own).
 */
export function project(value: unknown, paths: readonly (readonly string[])[]): unknown {
  if (paths.some((path) => path.length === 0)) return value
  if (Array.isArray(value)) return value.map((item) => project(item, paths))
  if (value === null || typeof value !== 'object') return value
  const kept = Object.entries(value).flatMap(([name, part]) => {
    if (MARKS.includes(name)) return [[name, part] as const]
    const onward = paths.filter(([first]) => first === name).map((path) => path.slice(1))
    return onward.length === 0 ? [] : [[name, project(part, onward)] as const]
  })
  return Object.fromEntries(kept)
}
