import { REGEX_ENGINES } from '../expression/regex-engine.ts'
import type { JsonSchema, Options } from '../options.ts'
import * as option from '../options.ts'
import type { Plugin } from '../plugin.ts'
import { CASES } from '../trial/case-options.ts'

/**
 * The keys of a pipeline file, written with the same options as those of plugins: checks, defaults, editor completion
 * and reference tables come from here.
 */

export type PluginKind = Plugin['kind']

/** The sections of the file, in their order, and the kind of component in each. */
export const SECTIONS = {
  connections: 'connection',
  sources: 'source',
  channels: 'channel',
  processors: 'processor',
  sinks: 'sink',
} as const
export type Section = keyof typeof SECTIONS
export const SECTION_NAMES = Object.keys(SECTIONS) as readonly Section[]

export const NAME_PATTERN = '^[a-z][a-z0-9-]*$'
export const GUARANTEES = ['exactly-once', 'at-least-once'] as const

/** What stands beside the sections. */
export const FILE_OPTIONS = {
  name: option.optional(
    option.text({
      description:
        'The stable id of the pipeline in state, metrics and errors. Left out: the file name without its extension.',
      pattern: NAME_PATTERN,
      examples: ['ecommerce'],
    }),
  ),
  description: option.optional(option.text({ description: 'What the pipeline is for, in a sentence.' })),
  delivery: option.optional(
    option.choice(GUARANTEES, {
      description:
        'What every path from source to sink must give: the pipeline refuses to start if one gives less. Left out: each path gives what its parts give.',
    }),
  ),
  checkpoint: option.group(
    {
      interval: option.duration({
        description: 'How often positions, state and sinks are made durable together.',
        positive: true,
        default: '1s',
      }),
    },
    { description: 'When the pipeline notes how far it has come.' },
  ),
  on_error: option.choice(['dead-letter', 'stop', 'skip'], {
    description:
      'What happens to a record that is rejected for itself: `dead-letter` keeps it with the reason, `stop` ends the pipeline before it, `skip` lets it go and counts it.',
    default: 'dead-letter',
  }),
  dead_letters: option.group(
    {
      max_size: option.size({ description: 'The most that is kept; the oldest go first.', default: '1GiB' }),
      max_age: option.duration({ description: 'How long a dead letter is kept.', default: '30d' }),
      breaker: option.group(
        {
          share: option.number({
            description: 'The share of failed records above which the pipeline stops.',
            default: 0.5,
            minimum: 0,
            maximum: 1,
          }),
          records: option.integer({
            description: 'How many records must have come before the share counts.',
            default: 1000,
            minimum: 1,
          }),
          window: option.duration({ description: 'The time over which records are counted.', default: '1m' }),
        },
        { description: 'Stops the pipeline when most records fail: then the definition is usually wrong.' },
      ),
    },
    { description: 'Records that could not be handled, kept with their original bytes and the reason.' },
  ),
  state_dir: option.optional(
    option.text({
      description:
        'The folder for checkpoints, channels and dead letters, relative to the working directory. Left out: `.streamrun/<name>`.',
      // What is empty would be the root of the file system.
      minLength: 1,
      examples: ['/var/lib/streamrun/orders'],
    }),
  ),
  regex_engine: option.choice(REGEX_ENGINES, {
    description:
      'What the regular expressions of expressions run in. `javascript` is fast, refuses patterns that could take for ever, and bounds the text that slow ones are applied to. `re2` takes time in proportion to the text whatever the pattern is, but many times more of it, and knows no look-ahead and no back-references; `\\d`, `\\w` and `\\b` mean ASCII.',
    default: 'javascript',
  }),
  tables: option.optional(
    option.map(
      option.group(
        {
          path: option.text({
            description:
              'A file of rows: `.csv` with a header, `.json` with a list, or `.ndjson`; relative to this one. At most 16 MiB.',
            minLength: 1,
          }),
          key: option.optional(
            option.text({
              description:
                'The field of each row that it is found by, different in each. Left out: the file is `.json` with one object, whose fields are found by their names.',
              examples: ['code'],
            }),
          ),
        },
        { description: 'One table.' },
      ),
      {
        description: 'Tables that expressions look into with `$lookup_table(name, key)`, read once at the start.',
        examples: [{ countries: { path: 'tables/countries.csv', key: 'code' } }],
      },
    ),
  ),
  plugins: option.optional(
    option.list(
      option.text({ description: 'A file (`./my-sink.js`, relative to this one) or the name of a package.' }),
      {
        description: 'Plugins from outside, whose types can then be used like the built-in ones.',
        examples: [['./my-sink.js']],
      },
    ),
  ),
  tests: option.optional(CASES),
} satisfies Options

export const SECTION_DESCRIPTIONS: Readonly<Record<Section, string>> = {
  connections: 'Clients that several components share, by name.',
  sources: 'Where records come from, by name.',
  channels: 'Where records wait, by name. Without one, records wait in memory before the first processor.',
  processors: 'What changes or filters records, by name, in their order.',
  sinks: 'Where records leave, by name.',
}

/** Names and shapes of the whole file but for what is inside the components, which each have a schema of their own. */
export function outlineSchema(): JsonSchema {
  const section = { type: 'object', minProperties: 1, additionalProperties: { type: 'object' } }
  const { properties } = option.objectSchema(FILE_OPTIONS)
  const sections = SECTION_NAMES.map((name) => [name, { ...section, description: SECTION_DESCRIPTIONS[name] }])
  return {
    type: 'object',
    properties: { ...(properties as JsonSchema), ...Object.fromEntries(sections) },
    required: ['sources', 'sinks'],
    additionalProperties: false,
  }
}
