import { option } from '../../../engine/plugin.ts'

export const options = {
  table: option.text({
    description:
      'The file with the rows, relative to the definition: `.csv` (every field is text), `.json` (a list of objects) or `.ndjson`.',
    minLength: 1,
    examples: ['tables/users.csv'],
    starter: { file: 'id,name,country\nu-1,Ada,GB\nu-2,Kurt,AT\n' },
  }),
  key: option.text({
    description: 'The field of the rows that they are found by; no two rows have the same.',
    minLength: 1,
    examples: ['id'],
    starter: true,
  }),
  by: option.expression({
    description: 'What is looked up for a record: a text or a number.',
    examples: ['user_id'],
    starter: true,
  }),
  as: option.text({
    description: 'The field that the row is put into; written as in `set` of jsonata.',
    minLength: 1,
    examples: ['user', 'customer.details'],
    starter: true,
  }),
  fields: option.optional(
    option.list(option.text({ description: 'A field of the rows.', minLength: 1 }), {
      description: 'The fields of the row that are wanted. Left out: all of them.',
      examples: [['name', 'country']],
    }),
  ),
  missing: option.choice(['pass', 'drop', 'fail'], {
    description:
      'What becomes of a record that there is no row for, or that has no key: `pass` without the field (counted as `missing`), `drop` (counted), or `fail` to the dead letters.',
    default: 'pass',
  }),
  reload: option.duration({
    description:
      'How often the file is looked at; one that has changed is read again. A wrong one is not taken: the last good one stays, and says so.',
    default: '10s',
    examples: ['1m'],
    positive: true,
  }),
}
