import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { withPlugins } from '../registry/index.ts'
import { diskStorage } from '../storage.ts'
import { describeWiring } from '../topology/wiring.ts'
import type { Definition } from './definition.ts'
import { checkDefinitions, type LoadOptions, loadDefinition, renderFault } from './load.ts'
import { fixtureRegistry, nesting } from './plugins.fixture.ts'

const SHOP = `
sources:
  shop-log: { type: file-tail, path: in/*.ndjson, max_line_bytes: 64KiB, follow: "\${FOLLOW}" }
channels:
  buffer: {}
processors:
  split: { type: route, cases: { eu: region = "EU" }, otherwise: true }
  keep: { type: filter, where: price > 1 }
sinks:
  out: { type: file, path: "\${FOLDER:-out}/{kind}.ndjson", codec: lines, retry: { attempts: 3, delay: 1s } }
  eu: { type: stdout, from: [split.eu], delivery: at-least-once }
`

async function load(text: string, options: Partial<LoadOptions> & { file?: string } = {}): Promise<Definition> {
  const loaded = await loadDefinition(options.file ?? 'pipelines/shop.yaml', {
    storage: diskStorage(),
    environment: { FOLLOW: 'false' },
    registry: fixtureRegistry(),
    readText: () => Promise.resolve(text),
    ...options,
  })
  if (loaded.kind === 'faults')
    throw new Error(loaded.faults.map((one) => renderFault(one, { colours: false })).join('\n'))
  return loaded.definition
}

test('a definition holds every default, and values as the plugins get them', async () => {
  const definition = await load(SHOP)
  expect(definition).toMatchObject({
    file: 'pipelines/shop.yaml',
    folder: join(process.cwd(), 'pipelines'),
    name: 'shop',
    delivery: undefined,
    checkpoint: { interval: 1000 },
    onError: 'dead-letter',
    deadLetters: {
      maxSize: 1024 ** 3,
      maxAge: 30 * 86_400_000,
      breaker: { share: 0.5, records: 1000, window: 60_000 },
    },
    stateDir: '.streamrun/shop',
  })
  expect(definition.components.map(({ kind, name, type }) => `${kind} ${name} ${type}`)).toEqual([
    'source shop-log file-tail',
    'channel buffer memory',
    'processor split route',
    'processor keep filter',
    'sink out file',
    'sink eu stdout',
  ])
  const [shopLog, , , , out, eu] = definition.components
  expect(shopLog).toMatchObject({
    options: { path: ['in/*.ndjson'], max_line_bytes: 65_536, follow: false, poll: 1000, exclude: undefined },
    codec: { name: 'json', options: {} },
    place: { line: 3, column: 3 },
  })
  expect(out).toMatchObject({
    options: { path: 'out/{kind}.ndjson', mode: '0640' },
    codec: { name: 'lines' },
    check: { writes: [join(process.cwd(), 'out/{kind}.ndjson')] },
    retry: { attempts: 3, delay: 1000, maxDelay: 30_000 },
    inputs: [{ component: 'keep', port: undefined }],
  })
  expect(eu).toMatchObject({
    delivery: 'at-least-once',
    codec: undefined,
    retry: { attempts: undefined, delay: 500 },
    inputs: [{ component: 'split', port: 'eu' }],
  })
})

test('the wiring is shown as resolved', async () => {
  expect(describeWiring(await load(SHOP))).toBe(
    [
      'source     shop-log (file-tail)',
      'channel    buffer (memory)       <- shop-log',
      'processor  split (route)         <- buffer',
      'processor  keep (filter)         <- split',
      'sink       out (file)            <- keep',
      'sink       eu (stdout)           <- split.eu',
    ].join('\n'),
  )
})

test('the state folder is that of the command line, else of the file, else named for the pipeline', async () => {
  const own = `state_dir: state\n${SHOP}`
  expect((await load(own)).stateDir).toBe('state')
  expect((await load(own, { stateDir: 'given' })).stateDir).toBe('given')
  expect((await load(SHOP, { file: 'other.yml' })).stateDir).toBe('.streamrun/other')
})

test('text that comes in stays text, whatever it looks like, unless a number or a boolean is wanted', async () => {
  const text = `sources: { a: { type: file-tail, path: "\${N}", max_open_files: "\${N}" } }\nsinks: { b: { type: stdout } }`
  const { components } = await load(text, { environment: { N: '42' } })
  expect(components[0]?.options).toMatchObject({ path: ['42'], max_open_files: 42 })
})

test('an option that a placeholder fills with nothing is left out, unless it takes any text', async () => {
  const text = `sources: { a: { type: file-tail, path: "a\${N:-}", max_open_files: "\${N:-}", poll: "\${N:-}", follow: "\${N:-}" } }\nsinks: { b: { type: stdout, format: "\${N:-}" } }`
  const [source, sink] = (await load(text, { environment: {} })).components
  expect(source?.options).toMatchObject({ path: ['a'], max_open_files: 100, poll: 1000, follow: true })
  expect(sink?.options).toMatchObject({ format: 'json' })
})

test('braces that come in through a placeholder are no expression', async () => {
  const text = `sources: { a: { type: file-tail, path: a } }\nsinks: { b: { type: file, path: "\${N}/{kind}" } }`
  const { components } = await load(text, { environment: { N: '{evil} %Y' } })
  expect(components[1]?.options.path).toBe('{{evil}} %%Y/{kind}')
})

test('without an environment (--no-env) what is unread counts as valid, and the rest is checked', async () => {
  const text = `
sources:
  a: { type: file-tail, path: ["\${A}"], follow: "\${B}", max_line_bytes: "\${C}", codec: "\${D}" }
  typed: { type: "\${TYPE}", anything: goes }
processors:
  split: { type: route, cases: { eu: region }, otherwise: "\${E}" }
sinks:
  b: { type: file, path: "\${F}/{kind}", from: ["\${G}", split.eu] }
`
  const { components } = await load(text, { environment: undefined })
  expect(components.map(({ name }) => name)).toEqual(['a', 'split', 'b'])
  const wrong = text.replace('type: route', 'type: route, cass: 1').replace('path: ["', 'poll: 5x, path: ["')
  await expect(load(wrong, { environment: undefined })).rejects.toThrow(/SR_BAD_UNIT.*\n.*\n.*\nSR_UNKNOWN_KEY/)
})

test('keys that every object has are keys like any other (CF-10)', async () => {
  const text = `sources: { a: { type: file-tail, path: a, __proto__: 1, constructor: 2 } }\nsinks: { b: { type: stdout } }`
  await expect(load(text)).rejects.toThrow(/__proto__: unknown key[\s\S]*constructor: unknown key/)
  const set = `sources: { a: { type: file-tail, path: a } }
processors: { p: { type: jsonata, set: { __proto__: x, toString: y } } }
sinks: { b: { type: stdout } }`
  const { components } = await load(set)
  expect([...((components[1]?.options.set ?? []) as Map<string, string>)]).toEqual([
    ['__proto__', 'x'],
    ['toString', 'y'],
  ])
})

const NESTED = `
sources:
  a:
    type: nesting
    fields:
      f: { of: { of: { least: "\${N}", text: "1 + 2", anything: [{ deep: "\${N}" }, null] } } }
sinks: { b: { type: stdout } }
`

test('options inside themselves are read however deep they stand', async () => {
  const registry = withPlugins(fixtureRegistry(), [nesting])
  const { components } = await load(NESTED, { registry, environment: { N: '7' } })
  const inner = { least: 7, text: '1 + 2', anything: [{ deep: '7' }, null], of: undefined }
  const fields = components[0]?.options.fields as ReadonlyMap<string, unknown> | undefined
  expect(fields?.get('f')).toMatchObject({ of: { of: inner } })
})

test('options inside themselves are checked however deep they stand', async () => {
  const registry = withPlugins(fixtureRegistry(), [nesting])
  const wrong = NESTED.replace('least:', 'leest:').replace('1 + 2', '1 + ')
  await expect(load(wrong, { registry })).rejects.toThrow(
    /SR_UNKNOWN_KEY .*:6:24 sources.a.fields.f.of.of.leest: [\s\S]*"least"[\s\S]*SR_EXPRESSION_SYNTAX .*:6:50 /,
  )
  const mistyped = NESTED.replace('"${N}"', 'x')
  await expect(load(mistyped, { registry })).rejects.toThrow(/SR_WRONG_TYPE .*least: must be a whole number/)
})

test('an anchor is written once and used often', async () => {
  const text = `sources: { a: { type: file-tail, path: &p [x, y] }, b: { type: file-tail, path: *p } }\nsinks: { c: { type: stdout } }`
  const { components } = await load(text)
  expect(components[1]?.options.path).toEqual(['x', 'y'])
})

test('several definitions in one process may share neither name, nor state, nor output', async () => {
  const shop = await load(SHOP)
  const again = await load(SHOP, { file: 'other/shop.yaml' })
  const state = await load(SHOP.replace('FOLDER:-out', 'FOLDER:-o2'), {
    file: 'third.yaml',
    stateDir: '.streamrun/shop',
  })
  expect(checkDefinitions([shop])).toEqual([])
  expect(checkDefinitions([shop, again, state]).map((one) => renderFault(one, { colours: false }))).toEqual([
    'SR_DUPLICATE_NAME other/shop.yaml:1:1 name: the name "shop" is that of pipelines/shop.yaml too',
    'SR_TWO_WRITERS third.yaml:1:1 state_dir: pipelines/shop.yaml keeps its state in the same folder',
    `SR_TWO_WRITERS other/shop.yaml:10:3 sinks.out: pipelines/shop.yaml writes to ${resolve('out/{kind}.ndjson')} too`,
  ])
})

const PLUGIN = `
const open = () => { throw new Error() }
export default [
  { kind: 'source', type: 'ticks', summary: 'Ticks.', delivery: 'lossy', options: {}, open },
  { kind: 'sink', type: 'void', summary: 'Forgets.', delivery: 'at-least-once', options: {}, open },
]
`

test('plugins come in from a file beside the definition', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'streamrun-'))
  await writeFile(join(folder, 'mine.mjs'), PLUGIN)
  const text = 'plugins: [./mine.mjs]\nsources: { a: { type: ticks } }\nsinks: { b: { type: void } }'
  const { components } = await load(text, { file: join(folder, 'p.yaml') })
  expect(components.map(({ type }) => type)).toEqual(['ticks', 'void'])
})

test('checkpoints without a pause between them are refused', async () => {
  const text = (interval: string) =>
    `checkpoint: { interval: ${interval} }\nsources: { a: { type: file-tail, path: a } }\nsinks: { b: { type: stdout } }`
  await expect(load(text('0s'))).rejects.toThrow(/^SR_BAD_VALUE[^\n]*checkpoint.interval: must be 1ms or longer/)
  await expect(load(text('soon'))).rejects.toThrow(/^SR_BAD_UNIT[^\n]*checkpoint.interval: "soon" is not a duration/)
  expect((await load(text('1ms'))).checkpoint).toEqual({ interval: 1 })
})

test('a module that exports no plugin is refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'streamrun-'))
  await writeFile(join(folder, 'mine.mjs'), 'export default {}')
  const text = 'plugins: [./mine.mjs]\nsources: { a: { type: file-tail, path: a } }\nsinks: { b: { type: stdout } }'
  await expect(load(text, { file: join(folder, 'p.yaml') })).rejects.toThrow('its default export is no plugin')
})

test('a plugin whose name stays unread is not looked for, and may bring any type', async () => {
  const text = `plugins: ["\${MINE}/plugin.js"]\nsources: { a: { type: mine } }\nsinks: { b: { type: stdout } }`
  const { components } = await load(text, { environment: undefined })
  expect(components.map(({ name }) => name)).toEqual(['b'])
  await expect(load(text)).rejects.toThrow(/^SR_VARIABLE_MISSING[^\n]*MINE is not set\n[^\n]*\n[^\n]*$/)
})
