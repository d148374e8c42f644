import { resolve } from 'node:path'
import { type Check, compilePattern, defineSource, type SourceContext } from '../../../engine/plugin.ts'
import { parseMoment } from './moment.ts'
import { type Multiline, options, type StartAt, type TailOptions } from './options.ts'
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

function checkTail(values: TailOptions): Check {
  const { path, exclude = [], max_line_bytes, multiline, start_at } = values
  const faults = [
    ...(path.some(holdsNul) ? [refused('path', 'it holds a NUL character')] : []),
    ...(exclude.some(holdsNul) ? [refused('exclude', 'it holds a NUL character')] : []),
    ...(max_line_bytes >= 1 ? [] : [refused('max_line_bytes', 'it must be 1B or more')]),
    ...(multiline === undefined ? [] : faultsOfMultiline(multiline)),
    ...(start_at === undefined ? [] : faultsOfStart(start_at, values)),
  ]
  return { reads: path.map((glob) => resolve(glob)), faults }
}

function holdsNul(glob: string): boolean {
  return glob.includes('\0')
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

function faultsOfStart({ match, since }: StartAt, { start, encoding }: TailOptions) {
  const faults = faultsOfPattern(['start_at', 'match'], match)
  const hasTime = faults.length > 0 || groupsOf(match) > 0
  return [
    ...faults,
    ...(hasTime ? [] : [refused(['start_at', 'match'], 'it must capture the time in a group, such as `^(\\S+)`')]),
    ...(Number.isNaN(parseMoment(since)) ? [refused(['start_at', 'since'], 'it must be a time in ISO 8601')] : []),
    ...(start === 'end' ? [refused('start_at', '`start: end` says otherwise: leave one of them out')] : []),
    ...(encoding.startsWith('utf-16') ? [refused('start_at', 'it reads utf-8 and latin1 only')] : []),
  ]
}

function groupsOf(source: string): number {
  return (new RegExp(`${source}|`).exec('')?.length ?? 1) - 1
}

function faultsOfPattern(path: readonly string[], source: string | undefined) {
  const pattern = source === undefined ? undefined : compilePattern(source)
  return pattern !== undefined && 'fault' in pattern ? [refused(path, pattern.fault)] : []
}

function refused(path: keyof TailOptions | readonly string[], message: string) {
  return { path: typeof path === 'string' ? [path] : path, code: 'SR_OPTION_REFUSED' as const, message }
}
