import type { Header, Json, Origin, StreamRecord } from '../../../engine/plugin.ts'
import type { RecordRandom } from './record-random.ts'

/** The only partition: records are numbered through. */
export const PARTITION = 'generated'

/** What all records of a source share. */
export interface Workplace {
  readonly component: string
  readonly random: RecordRandom
}

/**
 * A record, or a member of a pool, from its first field on: expressions see it while it is filled, and when it is whole
 * nobody changes it any more. One object and no second one for its origin: millions of them wait in a channel.
 */
export class GeneratedRecord implements StreamRecord {
  /** The number of the record, or of the member in its pool, from 0. Sequences count by it. */
  readonly n: number
  readonly timestamp: number
  readonly workplace: Workplace
  /** The fields so far. */
  value: Json = null
  raw: Uint8Array | undefined = undefined
  format: string | undefined = undefined

  constructor(n: number, timestamp: number, workplace: Workplace) {
    this.n = n
    this.timestamp = timestamp
    this.workplace = workplace
  }

  get key(): null {
    return null
  }

  get headers(): readonly Header[] {
    return NO_HEADERS
  }

  get origin(): Origin {
    return { component: this.workplace.component, partition: PARTITION, position: { n: this.n } }
  }
}

const NO_HEADERS: readonly Header[] = []
