import { describeChannel } from '../../../test/contract/index.ts'
import file from './index.ts'

describeChannel('file', { plugin: file, small: { max_records: 10 } })

describeChannel('file, bounded in bytes and of small segments', {
  plugin: file,
  options: { segment_size: '4KiB', max_size: '1MiB' },
  small: { max_size: '2KiB', segment_size: '4KiB' },
})
