/**
 * The times of one key, as stretches without a silence: `[first, last, first, last, ...]`, in order, and between two of
 * them more than `within`. What comes between the times of a stretch can change nothing any more, in whatever order it comes.
 */
export type Stretches = number[]

/** Adds a time, which may begin a stretch, lengthen one, or join two; false when it lies in one and changes nothing. */
export function addTime(stretches: Stretches, time: number, within: number): boolean {
  let at = stretches.length
  while (at > 0 && (stretches[at - 2] as number) > time) at -= 2
  const before = stretches[at - 1] ?? Number.NEGATIVE_INFINITY
  if (time <= before) return false
  const isNear = time - before <= within
  const isNearNext = (stretches[at] ?? Number.POSITIVE_INFINITY) - time <= within
  if (isNear && isNearNext) stretches.splice(at - 1, 2)
  else if (isNear) stretches[at - 1] = time
  else if (isNearNext) stretches[at] = time
  else stretches.splice(at, 0, time, time)
  return true
}
