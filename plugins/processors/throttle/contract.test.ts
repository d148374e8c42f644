import { describeProcessor } from '../../../test/contract/index.ts'
import throttle from './index.ts'

const values = [{ user: 1 }, { user: 2 }, { user: 1 }, {}, { user: 1 }]
describeProcessor('throttle', { plugin: throttle, options: { records: 1, by: 'user' }, values })
describeProcessor('throttle of everything', { plugin: throttle, options: { records: 3 }, values })
