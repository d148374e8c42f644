import {
  compilePattern,
  errorCode,
  type SourceContext,
  StreamrunError,
  type TextPattern,
} from '../../../engine/plugin.ts'
import type { Found } from '../../shared/find-files.ts'
import { ENCODINGS } from './encoding.ts'
import { parseMoment } from './moment.ts'
import type { StartAt, TailOptions } from './options.ts'
import { BEGINNING, type Place, type Position } from './position.ts'
import { placeAt } from './reading.ts'
import { statAt } from './siblings.ts'
import { findStart, type Start, type Visited } from './start-finder.ts'
import { isPacked, unpacked } from './unpacked.ts'

/** A file that is read from `place` on. */
export interface HistoryFile extends Found {
  readonly place: Place
  /** Gzipped: its place counts unpacked bytes. */
  readonly packed: boolean
}

/** The files to read at the very first start for what is followed at `path`, oldest first; none when told to stop. */
export type History = (path: string) => Promise<readonly HistoryFile[]>

export function historyOf(startAt: StartAt, options: TailOptions, context: SourceContext<Position>): History {
  const isAfter = timeTest(startAt, options)
  const { storage, stopping, signal, id, log } = context
  return async (path) => {
    try {
      const either = AbortSignal.any([stopping, signal])
      const start = await settled(() => findStart({ path, storage, stopping: either, isAfter }), context)
      if (start === undefined) return []
      const from = `byte ${start.offset} of ${start.files[0]?.path ?? path}`
      log.info(`${path}: the first line at or after ${startAt.since} is at ${from}`)
      return await filesOf(start, context)
    } catch (error) {
      const code = errorCode(error)
      if (code === undefined) throw error
      throw new StreamrunError('SR_IO', `cannot look for the start in ${path}: ${code}`, {
        component: id,
        cause: error,
      })
    }
  }
}

/** Characters of a line in which its time is looked for. */
const SEEN_OF_LINE = 4096

function timeTest({ match, since }: StartAt, { encoding: name }: TailOptions): (line: string) => boolean | undefined {
  const pattern = compilePattern(match)
  const encoding = ENCODINGS[name]
  const start = parseMoment(since)
  return (line) => {
    const bytes = Buffer.from(line.slice(0, SEEN_OF_LINE), 'latin1')
    const time = timeOf(encoding.text(bytes, 0, bytes.length), pattern)
    return Number.isNaN(time) ? undefined : time >= start
  }
}

function timeOf(line: string, pattern: TextPattern | { readonly fault: string }): number {
  if ('fault' in pattern) throw new Error(pattern.fault)
  return parseMoment(pattern.exec(line)?.[1] ?? '')
}

/** A rotation during the search moves the files: it is only right if all of them are still where they were. */
async function settled(
  find: () => Promise<Start | undefined>,
  { storage }: SourceContext<Position>,
): Promise<Start | undefined> {
  for (let attempt = 1; ; attempt++) {
    const start = await find()
    if (start === undefined || attempt === ATTEMPTS) return start
    const stays = ({ path, stat }: Visited) => statAt(path, storage).then((now) => now?.inode === stat.inode)
    if ((await Promise.all(start.files.map(stays))).every((isThere) => isThere)) return start
  }
}

const ATTEMPTS = 5

async function filesOf(start: Start, context: SourceContext<Position>): Promise<readonly HistoryFile[]> {
  const [oldest] = start.files
  const place = oldest === undefined ? BEGINNING : await placeOf(oldest, start, context)
  return start.files.map(({ path, stat }, index) => {
    return { path, stat, place: index === 0 ? place : BEGINNING, packed: isPacked(path) }
  })
}

async function placeOf({ path }: Visited, { offset, line }: Start, context: SourceContext<Position>): Promise<Place> {
  if (offset === 0) return BEGINNING
  const file = await context.storage.open(path, 'read')
  const bytes = isPacked(path) ? unpacked(file) : file
  try {
    return await placeAt(bytes, offset, line)
  } finally {
    await bytes.close()
  }
}
