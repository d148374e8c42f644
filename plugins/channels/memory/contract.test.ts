import { describeChannel } from '../../../test/contract/index.ts'
import memory from './index.ts'

describeChannel('memory', { plugin: memory, small: { max_records: 10 } })

describeChannel('memory, bounded in bytes', { plugin: memory, small: { max_size: '1KiB' } })
