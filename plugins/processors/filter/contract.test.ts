import { describeProcessor } from '../../../test/contract/index.ts'
import filter from './index.ts'

describeProcessor('filter', {
  plugin: filter,
  options: { where: 'price > 5' },
  values: [{ price: 6 }, { price: 4 }, { other: 1 }, { price: 'six' }, { price: 7 }],
})

describeProcessor('filter, where the condition needs the interpreter', {
  plugin: filter,
  options: { where: '$sum(items.price) > 5' },
  values: [{ items: [{ price: 6 }] }, { items: [] }, { items: [{ price: 'six' }] }, {}, { items: [{ price: 7 }] }],
})
