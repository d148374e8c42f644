import { describeProcessor } from '../../../test/contract/index.ts'
import anomaly from './index.ts'

const values = [{ amount: 1 }, { amount: 2 }, { amount: 900 }, {}, { amount: 'x' }, { amount: 3, user: 'a' }]
const rules = [
  { name: 'too-much', threshold: { of: 'amount', max: 100 } },
  { name: 'odd', z_score: { of: 'amount' }, warm_up: 2 },
]
describeProcessor('anomaly', { plugin: anomaly, options: { rules }, values })
