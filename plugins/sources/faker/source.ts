import { recordsBatch, type Source, type SourceBatch, type SourceContext, sleep } from '../../../engine/plugin.ts'
import { PARTITION } from './generated-record.ts'
import type { FakerOptions } from './options.ts'
import { Pace } from './pace.ts'
import { Workshop } from './workshop.ts'

/** Where it goes on: with record `n`, counted from 0. With the seed that says everything of all records to come. */
export type Position = { readonly seed: number; readonly n: number }

/** Generated records, in batches that are as large as the rate and their bounds let them be. */
export class GeneratedRecords implements Source<Position> {
  readonly #options: FakerOptions
  readonly #context: SourceContext<Position>
  #restedAt = 0
  #startedAt = 0
  /** Records made so far, those of earlier runs among them. */
  #made = 0

  constructor(options: FakerOptions, context: SourceContext<Position>) {
    this.#options = options
    this.#context = context
  }

  async *batches(): AsyncGenerator<SourceBatch<Position>> {
    const { clock, stopping } = this.#context
    const over = new AbortController()
    const { duration } = this.#options
    this.#startedAt = clock.monotonic()
    const cancel = duration === undefined ? () => {} : clock.timer(duration, () => over.abort())
    try {
      yield* this.#batchesUntil(AbortSignal.any([stopping, over.signal]))
    } finally {
      cancel()
    }
  }

  async *#batchesUntil(stopping: AbortSignal): AsyncGenerator<SourceBatch<Position>> {
    const { clock } = this.#context
    const { rate, count = Number.POSITIVE_INFINITY } = this.#options
    let { seed, n } = (await this.#context.resume(PARTITION)) ?? this.#beginning()
    const workshop = await Workshop.open(this.#options, this.#context, seed)
    const pace = rate === undefined ? undefined : new Pace(rate, clock)
    let most = MOST_RECORDS
    this.#made = n
    this.#restedAt = clock.monotonic()
    while (n < count && !stopping.aborted) {
      const wanted = Math.min(most, count - n)
      const due = pace === undefined ? wanted : await pace.due(wanted, stopping)
      await this.#rest(stopping)
      if (stopping.aborted) return
      const { records, failed } = await workshop.make(n, due)
      const batch = recordsBatch(records)
      n += due
      this.#made = n
      most = recordsOf(batch.bytes / due)
      const caughtUp = n >= count || (pace !== undefined && !pace.isBehind)
      yield { partition: PARTITION, records: batch, failed, position: { seed, n }, caughtUp }
    }
  }

  progress(): number | undefined {
    const { count, duration } = this.#options
    if (count === undefined && duration === undefined) return undefined
    const made = count === undefined ? 0 : this.#made / Math.max(1, count)
    const lasted = duration === undefined ? 0 : (this.#context.clock.monotonic() - this.#startedAt) / duration
    return Math.min(1, Math.max(made, lasted))
  }

  /** The seed is kept with the position from the first checkpoint on. */
  #beginning(): Position {
    const { random, log } = this.#context
    if (this.#options.seed !== undefined) return { seed: this.#options.seed, n: 0 }
    const seed = Math.floor(random.next() * 2 ** 32)
    log.info(`drew the seed ${seed}: \`seed: ${seed}\` makes the same records again`)
    return { seed, n: 0 }
  }

  /** Nothing here waits for the machine by itself: without a pause now and then, timers and signals would not come. */
  async #rest(stopping: AbortSignal): Promise<void> {
    const { clock } = this.#context
    if (clock.monotonic() - this.#restedAt < LONGEST_STINT_MS) return
    await sleep(clock, 0, stopping)
    this.#restedAt = clock.monotonic()
  }
}

/** Bounds of a batch; what its bytes will be is told from the batch before it. */
const MOST_RECORDS = 256
const MOST_BYTES = 256 * 1024

const LONGEST_STINT_MS = 50

function recordsOf(bytesEach: number): number {
  return Math.max(1, Math.min(MOST_RECORDS, Math.floor(MOST_BYTES / Math.max(1, bytesEach))))
}
