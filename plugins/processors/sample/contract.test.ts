import { describeProcessor } from '../../../test/contract/index.ts'
import sample from './index.ts'

const values = Array.from({ length: 20 }, (_, n) => (n % 7 === 0 ? {} : { user: n % 5 }))
describeProcessor('sample', { plugin: sample, options: { share: 0.5 }, values })
describeProcessor('sample by key', { plugin: sample, options: { share: 0.5, by: 'user' }, values })
