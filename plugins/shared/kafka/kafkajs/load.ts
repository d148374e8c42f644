import { messageOf } from '../../../../engine/plugin.ts'
import type { ProducerRecord } from '../port.ts'
import { kindOf } from './faults.ts'
import { halvesOf, type Portion, portionsOf, sizeOf } from './portions.ts'

/** The records of one `send`, on their way. */
export interface Load {
  readonly records: readonly ProducerRecord[]
  /** What has not arrived yet. */
  readonly left: Portion[]
  /** What never will, by its place, and why. */
  readonly refused: Map<number, string>
}

export function loadOf(records: readonly ProducerRecord[]): Load {
  const refused = new Map<number, string>()
  for (const [index, record] of records.entries()) if (sizeOf(record) > MAX_BYTES) refused.set(index, TOO_LARGE)
  return { records, refused, left: portionsOf(records).flatMap((portion) => without(refused, portion)) }
}

/** What to send instead of a portion that a broker has refused as it is: its halves, or nothing; undefined: it was not. */
export function refusePortion(load: Load, portion: Portion, error: unknown): readonly Portion[] | undefined {
  const kind = kindOf(error)
  if (!REFUSALS.has(kind)) return undefined
  if (portion.to - portion.from > 1) return halvesOf(portion)
  load.refused.set(portion.from, kind === 'INVALID_RECORD' ? messageOf(error) : TOO_LARGE)
  return []
}

/** The portion, divided around the records that are refused already. */
function without(refused: ReadonlyMap<number, string>, { from, to }: Portion): readonly Portion[] {
  const portions: Portion[] = []
  let begin = from
  for (let index = from; index <= to; index++) {
    if (index < to && !refused.has(index)) continue
    if (index > begin) portions.push({ from: begin, to: index })
    begin = index + 1
  }
  return portions
}

/** A broker closes the connection on a request of 100 MiB, so that it would be tried for ever. */
const MAX_BYTES = 64 * 1024 * 1024
const TOO_LARGE = 'the record is larger than the topic takes'

/** Of a batch, which a smaller one may be spared. */
const REFUSALS = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD'])
