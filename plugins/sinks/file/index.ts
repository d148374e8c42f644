import { resolve } from 'node:path'
import { defineSink } from '../../../engine/plugin.ts'
import { options } from './options.ts'
import { staticFault } from './path.ts'
import { fileSink } from './sink.ts'

export default defineSink({
  type: 'file',
  summary: 'Writes records to files, one or one for each path that a template makes, exactly once.',
  options,
  overRecords: ['path'],
  codec: true,
  delivery: 'exactly-once',
  check({ path, when_moved }) {
    const message = staticFault(path)
    const delivery = when_moved === 'reopen' ? 'at-least-once' : 'exactly-once'
    if (message === undefined) return { writes: [resolve(path)], delivery }
    return { faults: [{ path: ['path'], code: 'SR_BAD_VALUE', message }] }
  },
  open: (settings, context) => fileSink(settings, context),
})
