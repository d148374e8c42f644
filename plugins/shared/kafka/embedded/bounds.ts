import type { Log } from '../../../../engine/plugin.ts'
import { latestOf, nextOf, placeOf } from './block.ts'
import { offsetsFault } from './faults.ts'

export interface Bounds {
  /** Where the first block begins; the end when there is none. */
  readonly first: number
  readonly end: number
  readonly covered: number
  /** The latest timestamp. */
  readonly latest: number
}

/** What the log of a partition holds, and how far it is covered; undefined: all of it is. */
export async function boundsOf(key: string, log: Log, covered: number | undefined): Promise<Bounds> {
  const [first] = await log.read(log.first, 1)
  const last = await lastBlock(log)
  const end = last === undefined ? 0 : nextOf(last)
  if (covered !== undefined && covered > end) {
    throw offsetsFault(`${key} ends at ${end}, but its records up to ${covered} are committed`)
  }
  return {
    first: first === undefined ? end : placeOf(first.payload).base,
    end,
    covered: covered ?? end,
    latest: await latestIn(log),
  }
}

export async function latestIn(log: Log): Promise<number> {
  const last = await lastBlock(log)
  return last === undefined ? Number.NEGATIVE_INFINITY : latestOf(last)
}

export async function lastBlock(log: Log): Promise<Buffer | undefined> {
  if (log.end === log.first) return undefined
  return (await log.read(log.end - 1, 1))[0]?.payload
}
