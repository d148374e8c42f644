// @ts-check
import { defineSource, makeRecord, recordsBatch } from 'streamrun/plugin'
import { options } from './options.js'

const PARTITION = 'numbers'
const BATCH = 100

/** Counts; put what you read in its place. The contract of each method: the comments of `streamrun/plugin`. */
export default defineSource({
  type: 'my-source',
  summary: 'Counts from one up to a number.',
  // After a crash it reads on from any position that it gave.
  delivery: 'replayable',
  options,
  open: ({ count }, context) => ({
    async *batches() {
      // A position is plain JSON that only this source understands: here the number that comes next.
      let next = Number((await context.resume(PARTITION)) ?? 1)
      while (next <= count && !context.stopping.aborted) {
        const last = Math.min(next + BATCH - 1, count)
        const records = recordsBatch(numbersFrom(next, last).map(toRecord))
        next = last + 1
        yield { partition: PARTITION, records, position: next, caughtUp: next > count }
      }

      /** @param {number} number */
      function toRecord(number) {
        const origin = { component: context.id, partition: PARTITION, position: { number } }
        return makeRecord({ value: { number }, timestamp: context.clock.now(), origin })
      }
    },
  }),
})

/**
 * @param {number} first
 * @param {number} last
 */
function numbersFrom(first, last) {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
