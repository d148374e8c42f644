import type { FileStat } from '../../../engine/plugin.ts'

/** A file by a rotated name, such as `app.log.1`, `app.log-20260101` or `app-2026-01-01.log` of `app.log`. */
export interface Sibling {
  readonly path: string
  readonly stat: FileStat
  readonly rotation: Rotation
}

export interface Rotation {
  /** Where the numbers stand: after the whole name, or before its extension. */
  readonly style: 'suffix' | 'infix'
  /** `[2]`, `[2026, 1, 31]`, `[20260131, 1]`. */
  readonly numbers: readonly number[]
}

/** How `name` was made from `live` by a rotation; undefined when it was not. Compressed files never count (FT-18). */
export function rotationOf(live: string, name: string): Rotation | undefined {
  const suffix = numbersAfter(live, name)
  if (suffix !== undefined) return { style: 'suffix', numbers: suffix }
  const dot = live.lastIndexOf('.')
  if (dot <= 0 || !name.endsWith(live.slice(dot))) return undefined
  const infix = numbersAfter(live.slice(0, dot), name.slice(0, name.length - (live.length - dot)))
  return infix && { style: 'infix', numbers: infix }
}

function numbersAfter(stem: string, name: string): number[] | undefined {
  const rest = name.startsWith(stem) ? name.slice(stem.length) : ''
  return /^[._-]\d+(?:[._:T-]?\d+)*$/.test(rest) ? rest.match(/\d+/g)?.map(Number) : undefined
}

type Aged = Pick<Sibling, 'rotation'> & { readonly stat: Pick<FileStat, 'createdMs'> }

/** Oldest first: counters fall with age (`.2` before `.1`), dates rise. */
export function byAge(a: Aged, b: Aged): number {
  const [ofA, ofB] = [isCounter(a.rotation), isCounter(b.rotation)]
  if (ofA !== ofB) return a.stat.createdMs - b.stat.createdMs
  const order = compareNumbers(a.rotation.numbers, b.rotation.numbers)
  return ofA ? -order : order
}

/** A single number of up to five digits counts rotations; anything else is a date or a time. */
function isCounter({ numbers }: Rotation): boolean {
  return numbers.length === 1 && (numbers[0] as number) < 100_000
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const difference = (a[index] as number) - (b[index] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/**
 * The files that were at a path after the last one that was read there and before the present one: several rotations
 * happened between two looks (FT-04). `siblings` are sorted by age; `isKnown` tells those that are read anyway.
 *
 * Where the last one is among the siblings, they are those after it. Where it is gone, they are those born since, and
 * only by names that are surely rotated ones. Where nothing was read before, what is there is not ours.
 */
export function missedBetween(
  siblings: readonly Sibling[],
  isKnown: (sibling: Sibling) => boolean,
  last: { readonly createdMs: number } | undefined,
): readonly Sibling[] {
  const index = siblings.findLastIndex(isKnown)
  const newest = siblings[index]
  if (newest !== undefined) {
    return siblings.slice(index + 1).filter(({ rotation }) => rotation.style === newest.rotation.style)
  }
  if (last === undefined) return []
  return siblings.filter(({ stat, rotation }) => rotation.style === 'suffix' && stat.createdMs >= last.createdMs)
}
