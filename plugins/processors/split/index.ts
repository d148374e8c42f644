import { defineProcessor, type Output, type Processed, partOf, type StreamRecord } from '../../../engine/plugin.ts'
import { evaluateInto } from '../../shared/evaluate.ts'
import { inOrder } from '../../shared/in-order.ts'
import { options } from './options.ts'
import { listOf, placementFaults, placementOf, type Share } from './share.ts'

export default defineProcessor({
  type: 'split',
  summary: 'Makes one record of each element of a list.',
  options,
  overRecords: ['of'],
  keeps: 'nothing',
  check: (given) => ({ faults: placementFaults(given) }),
  open: (given, context) => {
    const list = context.expression(given.of)
    const place = placementOf(given)
    // What is still to come of the batch under way.
    let rest: Iterator<StreamRecord> | undefined

    function emitRest(out: Output): Processed {
      while (rest !== undefined && !out.full) {
        const { done, value } = rest.next()
        if (done) rest = undefined
        else out.emit(value)
      }
      return rest === undefined ? undefined : 'more'
    }

    return {
      process(batch, out) {
        if (rest !== undefined) return emitRest(out)
        const shares: Share[] = []
        const done = inOrder(batch.records, (record) =>
          evaluateInto(list, record, out, (result) => {
            shares.push({ record, elements: listOf(result, given.of), valueWith: place(record) })
          }),
        )
        const begin = () => {
          const empty = shares.filter(({ elements }) => elements.length === 0).length
          if (empty > 0) context.metrics.count('dropped', empty)
          rest = partsOf(shares, given.index)
          return emitRest(out)
        }
        return done === undefined ? begin() : done.then(begin)
      },
    }
  },
})

/** Made one by one, as there is room for them: a list may have a million elements. */
function* partsOf(shares: readonly Share[], index: string): Generator<StreamRecord> {
  for (const { record, elements, valueWith } of shares) {
    for (const [place, element] of elements.entries()) {
      const headers = [...record.headers, { name: index, value: String(place) }]
      yield partOf(record, valueWith(element), headers)
    }
  }
}
