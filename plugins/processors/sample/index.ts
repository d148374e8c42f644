import { defineProcessor, type StreamRecord } from '../../../engine/plugin.ts'
import { keyReader } from '../../shared/by.ts'
import { sift } from '../../shared/sift.ts'
import { options } from './options.ts'
import { shareOf } from './share.ts'

export default defineProcessor({
  type: 'sample',
  summary: 'Lets a share of the records pass, or all records of a share of the keys.',
  options,
  changes: 'nothing',
  overRecords: ['by'],
  keeps: 'nothing',
  open({ share, by, seed }, context) {
    const key = by === undefined ? { evaluate: placeOf } : keyReader(by, context)
    return {
      process: (batch, out) =>
        sift(batch, key, { out, metrics: context.metrics }, (record, text) => {
          const isIn = shareOf(text, seed) < share
          if (isIn) out.emit(record)
          return isIn
        }),
    }
  },
})

/** Where a record stands in its source is its own: after a restart the same ones are picked. */
function placeOf({ origin, headers }: StreamRecord): string {
  const { component, partition, position } = origin
  // Several records may have been made of one, by split: their headers tell them apart.
  return JSON.stringify([component, partition, position, headers.map(({ name, value }) => [name, String(value)])])
}
