import { describeProcessor } from '../../../test/contract/index.ts'
import sort from './index.ts'

describeProcessor('sort', { plugin: sort, options: {}, values: [{ n: 1 }, { n: 2 }, { n: 3 }], gathers: true })
