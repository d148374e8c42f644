import { resolve } from 'node:path'
import validate from '../../plugins/processors/validate/index.ts'
import window from '../../plugins/processors/window/index.ts'
import {
  defineChannel,
  defineConnection,
  defineProcessor,
  defineSink,
  defineSource,
  type Json,
  option,
  type Plugin,
} from '../plugin.ts'
import { type Registry, withPlugins } from '../registry/index.ts'

/** Plugins that can be configured but, most of them, not run: what the tests of this folder check definitions against. */
export function fixtureRegistry(): Registry {
  return withPlugins({ names: () => [], load: () => Promise.reject(new Error('no such plugin')) }, PLUGINS)
}

/** A source with options that stand inside themselves; not in the registry above. */
export const nesting = defineSource({
  type: 'nesting',
  summary: 'Makes nested things.',
  delivery: 'replayable',
  options: {
    fields: option.map(
      option.recursive<Nested>('nesting-field', (self) =>
        option.group(
          {
            least: option.optional(option.integer({ description: 'A number.' })),
            text: option.optional(option.expression({ description: 'An expression.' })),
            anything: option.optional(option.value({ description: 'Any value.' })),
            of: option.optional(self({ description: 'What is inside. All of it.' })),
          },
          { description: 'How it is made.' },
        ),
      ),
      { description: 'Name to how it is made.' },
    ),
  },
  open: cannotRun,
})

export const listing = defineSource({
  type: 'listing',
  summary: 'Has a list of options.',
  delivery: 'replayable',
  options: {
    rules: option.list(
      option.group(
        {
          near: option.optional(
            option.group(
              { limit: option.number({ description: 'How near.', default: 3 }) },
              { description: 'Near to it.' },
            ),
          ),
          warm_up: option.integer({ description: 'How many are only learned from.', default: 30 }),
        },
        { description: 'A rule.' },
      ),
      { description: 'What holds.' },
    ),
  },
  open: cannotRun,
})

interface Nested {
  readonly least: number | undefined
  readonly text: string | undefined
  readonly anything: Json | undefined
  readonly of: Nested | undefined
}

function cannotRun(): never {
  throw new Error('a plugin of these tests cannot run')
}

const shop = defineConnection({
  type: 'shop',
  summary: 'Talks to a shop.',
  options: { address: option.text({ description: 'Where it is.' }) },
  open: cannotRun,
})

const orders = defineSource({
  type: 'shop-orders',
  summary: 'Reads the orders of a shop.',
  delivery: 'replayable',
  options: { connection: option.connection('shop', { description: 'The shop.' }) },
  open: cannotRun,
})

const tail = defineSource({
  type: 'file-tail',
  summary: 'Reads the lines of files.',
  delivery: 'replayable',
  codec: true,
  options: {
    path: option.texts({ description: 'The files, or a pattern of them. Several are read side by side.' }),
    exclude: option.optional(option.texts({ description: 'Files to leave out.' })),
    follow: option.boolean({ description: 'Waits for more at the end.', default: true }),
    max_line_bytes: option.size({ description: 'The longest line.', default: '1MiB' }),
    poll: option.duration({ description: 'How often it looks.', default: '1s' }),
    max_open_files: option.integer({ description: 'Files held open.', default: 100, minimum: 1 }),
  },
  open: cannotRun,
})

const memory = defineChannel({
  type: 'memory',
  summary: 'Keeps records in memory.',
  options: {
    max_size: option.size({ description: 'The most it holds.', default: '16MiB' }),
    when_full: option.choice(['block', 'drop-newest'], { description: 'What happens then.', default: 'block' }),
  },
})

const file = defineChannel({
  type: 'file',
  summary: 'Keeps records on disk.',
  options: { max_size: option.size({ description: 'The most it holds.', default: '1GiB' }) },
  durable: { open: cannotRun },
})

const filter = defineProcessor({
  type: 'filter',
  summary: 'Keeps records that meet a condition.',
  options: { where: option.expression({ description: 'The condition.' }) },
  open: cannotRun,
})

const jsonata = defineProcessor({
  type: 'jsonata',
  summary: 'Changes records.',
  options: {
    expression: option.optional(option.expression({ description: 'The new value.' })),
    set: option.optional(
      option.map(option.expression({ description: 'The value.' }), { description: 'Fields to set.' }),
    ),
  },
  check: ({ expression, set }) =>
    expression === undefined && set === undefined
      ? { faults: [{ path: [], code: 'SR_MISSING_OPTION', message: 'give one of `expression` and `set`' }] }
      : {},
  open: cannotRun,
})

const route = defineProcessor({
  type: 'route',
  summary: 'Sends records to ports.',
  options: {
    cases: option.map(option.expression({ description: 'When.' }), { description: 'Port to condition.' }),
    otherwise: option.boolean({ description: 'Passes the rest on.', default: false }),
  },
  ports: ({ cases, otherwise }) => ({ main: otherwise, side: [...cases.keys(), 'late'], deadLettered: ['late'] }),
  open: cannotRun,
})

const files = defineSink({
  type: 'file',
  summary: 'Writes files.',
  delivery: 'exactly-once',
  codec: true,
  options: {
    path: option.template({ description: 'The file, with placeholders. One file for each result.' }),
    mode: option.text({ description: 'Permissions.', default: '0640', pattern: '^0[0-7]{3}$' }),
  },
  check: ({ path }) => ({ writes: [resolve(path)] }),
  open: cannotRun,
})

const stdout = defineSink({
  type: 'stdout',
  summary: 'Prints records.',
  delivery: 'at-least-once',
  options: { format: option.choice(['json', 'pretty'], { description: 'How.', default: 'json' }) },
  open: cannotRun,
})

const http = defineSink<{ url: ReturnType<typeof option.text>; password: ReturnType<typeof option.text> }>({
  type: 'http',
  summary: 'Posts records.',
  delivery: 'at-least-once',
  options: {
    url: option.text({ description: 'Where to.', pattern: '^https?://' }),
    password: option.text({ description: 'Of the user.', secret: true, pattern: '^[a-z0-9]+$' }),
  },
  check: ({ url, password }) =>
    password === 'refused'
      ? { faults: [{ path: ['password'], code: 'SR_OPTION_REFUSED', message: `${url} refuses "${password}"` }] }
      : {},
  open: cannotRun,
})

const PLUGINS: readonly Plugin[] = [
  shop,
  orders,
  tail,
  memory,
  file,
  filter,
  jsonata,
  route,
  validate,
  window,
  files,
  stdout,
  http,
]
