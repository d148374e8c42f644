import { describeProcessor } from '../../../test/contract/index.ts'
import quality from './index.ts'

const values = [{ id: 1, price: 2 }, { id: 1 }, { id: 2, price: null }, { id: 3, price: 'x' }]
const checks = [
  { name: 'has-price', nulls: { of: 'price' } },
  { name: 'once', duplicates: { of: 'id' } },
  { name: 'enough', volume: { min: 2 } },
]
describeProcessor('quality', { plugin: quality, options: { checks }, values })
