import { csv, type OptionValues, option } from '../../../engine/plugin.ts'
import { COLUMN_TYPES } from './types.ts'

export const options = {
  path: option.texts({
    description:
      'The files to read: a path or a glob, or a list of them, relative to the working directory. They are read to their ends, one after the other, and then the input has ended.',
    examples: ['data/customer_transactions.csv', ['data/2025.csv', 'data/2026-*.csv']],
  }),
  csv: option.group(csv.DIALECT_OPTIONS, { description: 'What tells the fields from each other.' }),
  header: option.boolean({
    description:
      'true: the first row holds the names of the columns. false: the names are those of `columns`, in their order.',
    default: true,
  }),
  columns: option.optional(
    option.map(
      option.choice(COLUMN_TYPES, {
        description: 'What becomes of the text of the column. A row in which that is not possible is a dead letter.',
      }),
      {
        description:
          'The types of columns by their names; a column that is not listed is text (`string`). An empty field of another type is null. An `integer` beyond 2^53 is refused rather than rounded.',
        examples: [{ quantity: 'integer', price: 'number', returning: 'boolean' }],
      },
    ),
  ),
  ragged: option.choice(['error', 'pad', 'drop-extra', 'keep-extra'], {
    description:
      '`error`: a row with more or fewer fields than there are columns is a dead letter. `pad`: missing fields are empty; a row with more is a dead letter. `drop-extra`: like `pad`, and fields too many are let go and counted (`dropped_fields`). `keep-extra`: like `pad`, and they are a list in the field `_extra`.',
    default: 'error',
  }),
  pace: option.group(
    {
      records: option.optional(
        option.integer({
          description:
            'How many rows are handed over at once. Left out, with `every`: 1. Each record then has the headers `batch_number` and `batch_position`, both from 1; broken rows count.',
          minimum: 1,
          examples: [10],
        }),
      ),
      every: option.optional(
        option.duration({
          description:
            'How long it waits after them. It never catches up: a wait begins when the rows before it have gone. `0s`: it does not wait, and batches are numbered all the same.',
          examples: ['10s'],
        }),
      ),
    },
    { description: 'Reads no faster than this. Left out: as fast as the pipeline takes it.' },
  ),
  limit: option.optional(
    option.integer({
      description:
        'Ends after so many rows of all files together, broken ones included, restarts counted in. Left out: at the end of the last file.',
      minimum: 1,
      examples: [1200],
    }),
  ),
  repeat: option.boolean({
    description:
      'Start over at the end of the file, which must be one alone, until `limit` is reached; without a `limit`, for ever.',
    default: false,
  }),
  max_record_bytes: option.size({
    description:
      'A longer row is a dead letter, and a quote that is not closed within so many bytes costs its line. Bounds the memory that one row can take.',
    default: '1MiB',
    examples: ['64KiB', '16MiB'],
  }),
}

export type CsvSourceOptions = OptionValues<typeof options>
