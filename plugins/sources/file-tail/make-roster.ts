import { resolve } from 'node:path'
import picomatch from 'picomatch'
import type { SourceContext } from '../../../engine/plugin.ts'
import { patternOf } from '../../shared/find-files.ts'
import { chunkPool } from './chunk.ts'
import { filesOf } from './committed.ts'
import { ENCODINGS } from './encoding.ts'
import { eventFraming } from './events.ts'
import { lineFraming } from './framing.ts'
import { historyOf } from './history.ts'
import { LineReader, type Reading } from './line-reader.ts'
import type { TailOptions } from './options.ts'
import type { Position } from './position.ts'
import { Roster } from './roster.ts'

type Watching = Pick<ConstructorParameters<typeof Roster>[0], 'isOpen' | 'gone'>

/** The files of a tail: those that its position names, and those that its patterns find. */
export function makeRoster(options: TailOptions, context: SourceContext<Position>, watching: Watching): Roster {
  const reading = readingOf(options)
  const isFirst = context.committed().size === 0
  const excluded = (options.exclude ?? []).map(excludedGlob)
  return new Roster({
    storage: context.storage,
    clock: context.clock,
    patterns: options.path.map(patternOf),
    exclude: excluded.length === 0 ? () => false : picomatch(excluded),
    remembered: filesOf(context.committed()),
    isCommitted: (partition) => context.committed().has(partition),
    reader: (place) => new LineReader(reading, place),
    inOrder: options.start_at !== undefined,
    skipFirst: options.start === 'end' && isFirst,
    history: isFirst && options.start_at !== undefined ? historyOf(options.start_at, options, context) : undefined,
    ...watching,
  })
}

function readingOf({ max_line_bytes, multiline, encoding: name }: TailOptions): Reading {
  const encoding = ENCODINGS[name]
  const framing = multiline === undefined ? lineFraming(encoding) : eventFraming(multiline, encoding)
  return { pool: chunkPool(), longest: max_line_bytes, encoding, framing }
}

// Relative to the working directory, but a glob that begins with two stars means its name anywhere.
function excludedGlob(glob: string): string {
  return glob.startsWith('**/') ? `/${glob}` : resolve(glob)
}
