import { describeProcessor } from '../../../test/contract/index.ts'
import dedupe from './index.ts'

const values = [{ id: 1 }, { id: 2 }, { id: 1 }, {}, { id: [] }, { id: '1' }]
describeProcessor('dedupe', { plugin: dedupe, options: { by: 'id' }, values })
describeProcessor('dedupe by several', { plugin: dedupe, options: { by: ['id', '$key'] }, values })
