import { describeProcessor } from '../../../test/contract/index.ts'
import split from './index.ts'

const values = [
  { order: 1, items: [{ sku: 'a' }, { sku: 'b' }, { sku: 'c' }] },
  { order: 2, items: [] },
  { order: 3, items: 'lost' },
  { order: 4, items: [null, 'x'] },
]

describeProcessor('split', { plugin: split, options: { of: 'items' }, values })
describeProcessor('split of the value itself', { plugin: split, options: {}, values: [[1, 2, 3], [], 'x'] })
describeProcessor('split with as', { plugin: split, options: { of: 'items', as: 'item.line' }, values })
describeProcessor('split, where the list needs the interpreter', {
  plugin: split,
  options: { of: '[items[sku != "b"]]' },
  values,
})
