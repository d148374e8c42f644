import { resolve } from 'node:path'
import { type Check, csv, defineSource, type SourceContext } from '../../../engine/plugin.ts'
import { InputFile } from './input-file.ts'
import { type CsvSourceOptions, options } from './options.ts'
import type { Position } from './position.ts'
import { Reader } from './reader.ts'
import { readTable } from './table.ts'

export default defineSource({
  type: 'csv',
  summary: 'Reads the rows of a CSV file, as fast as they are taken or at a pace.',
  delivery: 'replayable',
  options,
  check: checkCsv,
  open: openCsv,
})

async function openCsv(values: CsvSourceOptions, context: SourceContext<Position>): Promise<Reader> {
  const file = await InputFile.open(values.path, context.storage)
  try {
    const table = await readTable(file, values)
    const renamed = table?.renamed ?? []
    if (renamed.length > 0) {
      context.log.warn(`${values.path} has columns without a name of their own: they are called ${renamed.join(', ')}`)
    }
    return new Reader(file, table, values, context)
  } catch (error) {
    await file.close()
    throw error
  }
}

function checkCsv({ path, csv: dialect, header, columns, pace, max_record_bytes }: CsvSourceOptions): Check {
  const refused = (path: readonly string[], message: string) => ({ path, code: 'SR_OPTION_REFUSED' as const, message })
  const faults = [
    ...csv.dialectFaults(dialect).map(({ option, message }) => refused(['csv', option], message)),
    ...(header || columns !== undefined ? [] : [refused(['header'], 'false needs `columns`, which name the fields')]),
    ...(pace.every === undefined && pace.records !== undefined ? [refused(['pace'], 'needs `every`')] : []),
    ...(max_record_bytes >= 1 ? [] : [refused(['max_record_bytes'], 'must be 1B or more')]),
  ]
  // Another quote or delimiter finds other rows: a position says nothing any more.
  return { reads: [resolve(path)], faults, identity: { path, header, ...dialect } }
}
