import { resolve } from 'node:path'
import { type Check, csv, defineSource, type SourceContext } from '../../../engine/plugin.ts'
import { patternOf } from '../../shared/find-files.ts'
import { findTables } from './find-tables.ts'
import { type CsvSourceOptions, options } from './options.ts'
import type { Position } from './position.ts'
import { Reader } from './reader.ts'

export default defineSource({
  type: 'csv',
  summary: 'Reads the rows of CSV files, as fast as they are taken or at a pace.',
  delivery: 'replayable',
  options,
  check: checkCsv,
  open: openCsv,
})

async function openCsv(values: CsvSourceOptions, context: SourceContext<Position>): Promise<Reader> {
  return Reader.open(await findTables(values.path, context), values, context)
}

function checkCsv(values: CsvSourceOptions): Check {
  const { path, csv: dialect, header, columns, pace, repeat, max_record_bytes } = values
  const refused = (path: readonly string[], message: string) => ({ path, code: 'SR_OPTION_REFUSED' as const, message })
  const faults = [
    ...csv.dialectFaults(dialect).map(({ option, message }) => refused(['csv', option], message)),
    ...(header || columns !== undefined ? [] : [refused(['header'], 'false needs `columns`, which name the fields')]),
    ...(pace.every === undefined && pace.records !== undefined ? [refused(['pace'], 'needs `every`')] : []),
    ...(path.some((glob) => glob.includes('\0')) ? [refused(['path'], 'it holds a NUL character')] : []),
    ...(repeat && isSeveral(path) ? [refused(['repeat'], 'needs a `path` that names one file')] : []),
    ...(max_record_bytes >= 1 ? [] : [refused(['max_record_bytes'], 'must be 1B or more')]),
  ]
  // Another quote or delimiter finds other rows: a position says nothing any more.
  return { reads: path.map((glob) => resolve(glob)), faults, identity: { header, ...dialect } }
}

function isSeveral(paths: readonly string[]): boolean {
  return paths.length > 1 || paths.some((path) => patternOf(path).depth > 0)
}
