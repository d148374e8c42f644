import { CODECS, type CodecDefinition, type CodecName, codecOptions } from '../codec/index.ts'
import type { Options, OptionValues } from '../options.ts'
import * as option from '../options.ts'
import type { Plugin, SinkPlugin, SourcePlugin } from '../plugin.ts'
import { TIMESTAMP_OPTIONS } from '../time/options.ts'
import { GUARANTEES, type PluginKind } from './schema.ts'

/** The keys of components that are the engine's, beside those of their plugins. */

const TYPE = option.text({ description: 'The plugin.' })

const FROM = option.optional(
  option.texts({
    description:
      'What it reads: the name of a component, `name.port`, or a list of them. Left out: what its place in the file suggests.',
    examples: ['orders-only', ['orders', 'returns'], 'per-bucket.late'],
  }),
)

const CODEC_NAMES = Object.keys(CODECS) as CodecName[]
const READING_CODECS = CODEC_NAMES.filter((name) => CODECS[name].reads === true)

const READ_CODEC = codecChoice(READING_CODECS)
const WRITE_CODEC = codecChoice(CODEC_NAMES)

function codecChoice(names: readonly CodecName[]) {
  const summaries = names.map((name) => `\`${name}\`: ${CODECS[name].summary}`)
  return option.choice(names, {
    description: `How records and bytes are turned into each other. ${summaries.join(' ')}`,
    default: 'json',
  })
}

/** Why a codec that there is cannot stand where these can. */
export function codecHint(written: string, words: readonly string[]): string | undefined {
  if (words.join() !== READING_CODECS.join() || !Object.hasOwn(CODECS, written)) return undefined
  const { reads }: CodecDefinition = CODECS[written as CodecName]
  return typeof reads === 'string' ? reads : undefined
}

const PAUSES = {
  delay: option.duration({
    description: 'The pause after the first failure; it doubles each time.',
    default: '500ms',
  }),
  max_delay: option.duration({ description: 'The longest pause.', default: '30s' }),
} satisfies Options

const SINK_OPTIONS = {
  delivery: option.optional(
    option.choice(GUARANTEES, {
      description: 'Says that this weaker guarantee is wanted here, where the file asks for `delivery: exactly-once`.',
    }),
  ),
  retry: option.group(
    {
      attempts: option.optional(
        option.integer({
          description: 'How often it is tried before the pipeline stops. Left out: without end.',
          minimum: 1,
        }),
      ),
      ...PAUSES,
    },
    { description: 'How a write is repeated after a fault that may pass, such as a full disk.' },
  ),
} satisfies Options

const CONNECTION_OPTIONS = {
  retry: option.group(
    {
      attempts: option.integer({
        description: 'How often it is tried at the start before the pipeline ends with exit code 69.',
        default: 5,
        minimum: 1,
        examples: [20],
      }),
      ...PAUSES,
    },
    { description: 'How a service that cannot be reached yet is waited for at the start.' },
  ),
} satisfies Options

const SOURCE_OPTIONS = {
  timestamp: option.optional(
    option.group(TIMESTAMP_OPTIONS, {
      description: 'When the event of a record happened, and how far such times may be out of order.',
      examples: [{ from: 'ordered_at', out_of_orderness: '5s' }],
    }),
  ),
} satisfies Options

/** The keys that the engine adds to those of a plugin. */
export function commonOptions(plugin: Plugin): Options {
  return {
    type: plugin.kind === 'channel' ? option.optional(TYPE) : TYPE,
    ...(plugin.kind === 'source' || plugin.kind === 'connection' ? {} : { from: FROM }),
    ...(hasCodec(plugin) ? codecKeys(plugin) : {}),
    ...(plugin.kind === 'source' ? SOURCE_OPTIONS : {}),
    ...(plugin.kind === 'sink' ? SINK_OPTIONS : {}),
    ...(plugin.kind === 'connection' ? CONNECTION_OPTIONS : {}),
  }
}

/** Every key that may stand in a component of this plugin. */
export function componentOptions(plugin: Plugin): Options {
  const common = commonOptions(plugin)
  return { ...common, ...plugin.options, ...common }
}

export type SourceValues = OptionValues<typeof SOURCE_OPTIONS>
export type SinkValues = OptionValues<typeof SINK_OPTIONS>
export type ConnectionValues = OptionValues<typeof CONNECTION_OPTIONS>

/** The type of a component that names none. */
export function defaultType(kind: PluginKind): string | undefined {
  return kind === 'channel' ? 'memory' : undefined
}

function codecKeys({ kind }: Plugin): Options {
  return kind === 'source' ? { codec: READ_CODEC } : { codec: WRITE_CODEC, ...codecOptions() }
}

function hasCodec(plugin: Plugin): plugin is (SourcePlugin | SinkPlugin) & { codec: true } {
  return 'codec' in plugin && plugin.codec === true
}
