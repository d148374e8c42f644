import { describeSource } from 'streamrun/testing'
import plugin from './index.js'

const COUNT = 250

/** One test for each promise of a source: order, exact positions, being killed anywhere, stopping, closing. */
describeSource('my-source', {
  plugin,
  prepare: () => ({
    options: { count: COUNT },
    // What there is to read, one list for each partition; it must come in at least three batches.
    records: [Array.from({ length: COUNT }, (_, index) => ({ number: index + 1 }))],
  }),
})
