import { describeProcessor } from '../../../test/contract/index.ts'
import jsonata from './index.ts'

const values = [
  { price: 20, qty: 3, customer: { name: 'Ada' } },
  { price: 'free', qty: 1 },
  { qty: 2 },
  { price: 5, qty: 2, items: [{ name: 'a' }, { name: 'b' }] },
]

describeProcessor('jsonata with set and unset', {
  plugin: jsonata,
  options: { set: { total: 'price * qty', 'customer.region': '"EU"' }, unset: ['qty'] },
  values,
})

describeProcessor('jsonata with an expression', {
  plugin: jsonata,
  options: { expression: 'price * qty' },
  values,
})

describeProcessor('jsonata, where the expression needs the interpreter', {
  plugin: jsonata,
  options: { set: { names: '$join(items.name, ",")' } },
  values,
})
