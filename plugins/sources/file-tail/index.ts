import { resolve } from 'node:path'
import { type Check, compilePattern, defineSource, type SourceContext } from '../../../engine/plugin.ts'
import { type Multiline, options, type TailOptions } from './options.ts'
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

function checkTail({ path, poll, max_line_bytes, multiline }: TailOptions): Check {
  const faults = [
    ...(poll >= 1 ? [] : [refused('poll', 'it must be 1ms or longer')]),
    ...(max_line_bytes >= 1 ? [] : [refused('max_line_bytes', 'it must be 1B or more')]),
    ...(multiline === undefined ? [] : faultsOfMultiline(multiline)),
  ]
  return { reads: path.map((glob) => resolve(glob)), faults }
}

function faultsOfMultiline({ start, continue: goOn, flush_after }: Multiline) {
  const isOne = (start === undefined) !== (goOn === undefined)
  return [
    ...(isOne ? [] : [refused('multiline', 'exactly one of `start` and `continue` must be given')]),
    ...faultsOfPattern(['multiline', 'start'], start),
    ...faultsOfPattern(['multiline', 'continue'], goOn),
    ...(flush_after >= 1 ? [] : [refused(['multiline', 'flush_after'], 'it must be 1ms or longer')]),
  ]
}

function faultsOfPattern(path: readonly string[], source: string | undefined) {
  const pattern = source === undefined ? undefined : compilePattern(source)
  return pattern !== undefined && 'fault' in pattern ? [refused(path, pattern.fault)] : []
}

function refused(path: keyof TailOptions | readonly string[], message: string) {
  return { path: typeof path === 'string' ? [path] : path, code: 'SR_OPTION_REFUSED' as const, message }
}
