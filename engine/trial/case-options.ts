import * as option from '../options.ts'

/** The keys of a test file, written with the same options as those of plugins. */

const ENVIRONMENT = option.optional(
  option.map(option.text({ description: 'The value of the variable.' }), {
    description: 'What placeholders and `$env` read, and nothing else: a test does not depend on the shell.',
    examples: [{ KAFKA_BROKERS: 'embedded' }],
  }),
)

const INPUT = option.optional(
  option.object({
    description:
      'Records by the name of their source: a list, `{ file: orders.ndjson }`, or `{ first: 100 }` for the first that a source such as faker makes itself. An entry is the value of a record, or `{ $value, $raw, $key, $at, $headers, $partition }`.',
    examples: [{ orders: [{ id: 1 }, { $at: '2026-01-01T00:00:05Z', $key: 'u1', $value: { id: 2 } }] }],
  }),
)

const EXPECT = option.optional(
  option.object({
    description:
      'What came since the last `expect`, by the name of a sink, a processor or a port (`per-minute.late`), or `dead_letters`: a list of records, or what `{ records, file, partial, unordered, count, assert }` says.',
    examples: [{ buckets: [{ id: 1, bucket: 'low' }], dead_letters: [{ code: 'SR_JSON_INVALID' }] }],
  }),
)

/** What one expectation says when it is no list. */
export const EXPECTATION_OPTIONS = {
  records: option.optional(
    option.list(option.value({ description: 'A value, or `{ $value, $key, $at, $headers }`.' }), {
      description: 'The records, in their order.',
      minItems: 0,
    }),
  ),
  file: option.optional(option.text({ description: 'A file of them, one JSON value a line.', minLength: 1 })),
  partial: option.boolean({ description: 'Only the fields that are named count.', default: false }),
  unordered: option.boolean({ description: 'They may come in any order.', default: false }),
  count: option.optional(option.integer({ description: 'How many there are.', minimum: 0 })),
  assert: option.optional(
    option.texts({
      description: 'Expressions over the list of their values that must be true, such as `$sum(revenue) = 12`.',
    }),
  ),
}

const STEP_OPTIONS = {
  input: INPUT,
  advance: option.optional(option.duration({ description: 'Moves the clock on.', examples: ['5m'] })),
  restart: option.optional(
    option.flag({ description: 'Ends the pipeline and starts it again on the state of its last checkpoint.' }),
  ),
  end: option.optional(
    option.flag({
      description:
        'The end of every input: windows close, the pipeline ends. Behind it there is only `expect`, and `restart` for more.',
    }),
  ),
  expect: EXPECT,
}

export const CASE_OPTIONS = {
  name: option.text({ description: 'What is promised.', minLength: 1 }),
  environment: ENVIRONMENT,
  start: option.optional(
    option.text({ description: 'Where the clock stands at first (ISO 8601).', examples: ['2026-03-29T00:00:00Z'] }),
  ),
  input: INPUT,
  expect: EXPECT,
  steps: option.optional(
    option.list(option.group(STEP_OPTIONS, { description: 'One of them each.' }), {
      description:
        'One thing after the other, where `input` and `expect` alone (which stand for: input, the end of input, expect) do not say enough.',
      examples: [[{ input: { orders: [{ id: 1 }] } }, { advance: '5m' }, { expect: { stats: [{ orders: 1 }] } }]],
    }),
  ),
}

export const CASES = option.list(option.group(CASE_OPTIONS, { description: 'One case.' }), {
  description: 'What the pipeline is tried with, and what must come out, on a clock of its own.',
})

export const TEST_FILE_OPTIONS = {
  pipeline: option.optional(
    option.text({
      description: 'The pipeline file, relative to this one. Left out: the one of the same name without `.test`.',
      minLength: 1,
      examples: ['orders.yaml'],
    }),
  ),
  environment: ENVIRONMENT,
  start: option.text({
    description: 'Where the clock stands at the start of each case (ISO 8601).',
    default: '2026-01-01T00:00:00Z',
  }),
  cases: CASES,
}
