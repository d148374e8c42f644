import { resolve } from 'node:path'
import { type Check, defineSource, type SourceContext } from '../../../engine/plugin.ts'
import { options, type TailOptions } from './options.ts'
import type { Position } from './position.ts'
import { Reader } from './reader.ts'

export default defineSource({
  type: 'file-tail',
  summary: 'Reads the lines of files as they grow, through rotation and truncation.',
  codec: true,
  delivery: 'replayable',
  options,
  check: checkTail,
  open: (values, context: SourceContext<Position>) => new Reader(values, context),
})

function checkTail({ path, poll, max_line_bytes }: TailOptions): Check {
  const faults = [
    ...(poll >= 1 ? [] : [refused('poll', 'it must be 1ms or longer')]),
    ...(max_line_bytes >= 1 ? [] : [refused('max_line_bytes', 'it must be 1B or more')]),
  ]
  return { reads: path.map((glob) => resolve(glob)), faults }
}

function refused(option: keyof TailOptions, message: string) {
  return { path: [option], code: 'SR_OPTION_REFUSED' as const, message }
}
