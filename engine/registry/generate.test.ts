import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { beforeEach, expect, test } from 'vitest'
import { parse } from 'yaml'
import { fixtureRegistry, listing, nesting } from '../config/plugins.fixture.ts'
import { pipelineSchema, pluginSchema } from './editor-schema.ts'
import { type Generated, generate, stale } from './generate.ts'
import { optionTable } from './reference.ts'

const README = '# file\n\n<!-- generated: options -->\n<!-- /generated -->\n\nMore.\n'
const registry = fixtureRegistry()
let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'streamrun-'))
  for (const folder of ['sources/file-tail', 'channels/memory', 'processors/filter', 'sinks/file', 'sinks/stdout']) {
    await write(`plugins/${folder}/index.ts`, '')
  }
  await write('plugins/sinks/notes/README.md', 'no plugin')
  await write('plugins/sinks/file/README.md', README)
  await write(
    'README.md',
    '<!-- generated: plugins -->\n<!-- /generated -->\n<!-- generated: exit codes -->\n<!-- /generated -->\n',
  )
})

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), content)
}

function generated(): Promise<readonly Generated[]> {
  return generate(root, registry.load)
}

async function contentOf(path: string): Promise<string> {
  return (await generated()).find((one) => one.path === path)?.content ?? ''
}

test('every folder with a plugin is in the list, and nothing else', async () => {
  const source = await contentOf('engine/registry/builtin.ts')
  expect(source).toContain(`    'file-tail': () => import('../../plugins/sources/file-tail/index.ts'),\n`)
  expect(source).toContain(`    memory: () => import('../../plugins/channels/memory/index.ts'),\n`)
  expect(source).not.toContain('notes')
})

test('the option table stands between its markers, and the rest of the README stays', async () => {
  const text = await contentOf('plugins/sinks/file/README.md')
  expect(text).toMatch(/\| `path` +\| template/)
  expect(text).toMatch(/\| `retry.max_delay` +\| duration/)
  expect(text.startsWith('# file\n\n<!-- generated: options -->\n')).toBe(true)
  expect(text.endsWith('<!-- /generated -->\n\nMore.\n')).toBe(true)
})

test('the first YAML of a README is the example of its plugin, to the character', async () => {
  const yaml = 'sinks:\n  o: { type: file, path: "`a`/${B}\\\\c" }\n'
  await write('plugins/sinks/file/README.md', `${README}\n\`\`\`yaml\n${yaml}\`\`\`\n\n\`\`\`yaml\nother: 1\n\`\`\`\n`)
  await write('examples.ts', await contentOf('engine/registry/examples.ts'))
  const { EXAMPLES } = await import(join(root, 'examples.ts'))
  expect(EXAMPLES).toEqual({ 'sink-file': yaml })
})

test('the README of the repository lists plugins and exit codes', async () => {
  const text = await contentOf('README.md')
  expect(text).toContain('[file-tail](plugins/sources/file-tail/README.md)')
  expect(text).toMatch(/\| 78 +\| the definition is wrong/)
})

test('what was written is not stale, and comes out the same again', async () => {
  const first = await generated()
  expect((await stale(root, first)).map(({ path }) => path)).toEqual(first.map(({ path }) => path))
  for (const { path, content } of first) await write(path, content)
  expect(await stale(root, await generated())).toEqual([])
  await write('schemas/sink-file.schema.json', '{}')
  expect((await stale(root, await generated())).map(({ path }) => path)).toEqual(['schemas/sink-file.schema.json'])
  expect(await readFile(join(root, 'README.md'), 'utf8')).toContain('exit codes')
})

async function validator() {
  const load = (kind: 'source' | 'channel' | 'processor' | 'sink') =>
    Promise.all(registry.names(kind).map((type) => registry.load(kind, type)))
  const plugins = [
    ...(await load('source')),
    ...(await load('channel')),
    ...(await load('processor')),
    ...(await load('sink')),
  ]
  return new Ajv2020({ allErrors: true, strictTypes: false, strictRequired: false }).compile(pipelineSchema(plugins))
}

test('the schema for editors is valid, and takes what the program takes', async () => {
  const validate = await validator()
  const text = `
sources: { a: { type: file-tail, path: x, poll: 5s, max_open_files: "\${N}", follow: "\${F}", codec: "\${C}" } }
channels: { c: {}, d: { type: file, max_size: 1GiB } }
processors: { p: { type: filter, where: price > 1 } }
sinks: { o: { type: file, path: "out/{x}", retry: { delay: "\${D:-1s}" } } }
`
  expect(validate(parse(text)), JSON.stringify(validate.errors)).toBe(true)
})

test.each([
  ['an unknown key', 'sources: { a: { type: file-tail, path: x, pth: y } }'],
  ['a wrong type', 'sources: { a: { type: file-tail, path: 5 } }'],
  ['a wrong unit', 'sources: { a: { type: file-tail, path: x, poll: 5 minutes } }'],
  ['a missing option', 'sources: { a: { type: file-tail } }'],
  ['a plugin that is not known', 'sources: { a: { type: file-tial, path: x } }'],
  [
    'an option of another plugin',
    'channels: { c: { type: memory, path: x } }\nsources: { a: { type: file-tail, path: x } }',
  ],
])('the schema for editors marks %s', async (_, text) => {
  const validate = await validator()
  expect(validate(parse(`${text}\nsinks: { b: { type: stdout } }`))).toBe(false)
})

test('with plugins from outside any type is taken', async () => {
  const validate = await validator()
  const text = 'plugins: [./mine.js]\nsources: { a: { type: mine, own: 1 } }\nsinks: { b: { type: stdout } }'
  expect(validate(parse(text)), JSON.stringify(validate.errors)).toBe(true)
})

test('options inside themselves are marked at any depth, by pointers, which every editor follows', () => {
  const of = (inner: string) => parse(`type: nesting\nfields: { f: { of: { of: ${inner} } } }`)
  const schema = pluginSchema(nesting)
  const validate = new Ajv2020({ strict: false }).compile(schema)
  expect(validate(of('{ least: 1, text: x, anything: [1, { b: null }], of: { least: "${N}" } }'))).toBe(true)
  expect(validate(of('{ leest: 1 }'))).toBe(false)
  expect(validate(of('{ of: { least: x } }'))).toBe(false)
  expect(JSON.stringify(schema)).not.toContain('$anchor')
})

test('the option table shows options inside options under the name that holds them', () => {
  const table = optionTable(nesting)
  expect(table).toMatch(/`fields` +\| map to options/)
  expect(table).toMatch(/`fields\.\*\.of` +\| options +\| +\| What is inside\./)
  expect(table).toMatch(/`fields\.\*\.anything` +\| any value/)
})

test('the option table shows the options of the items of a list, and what an option that holds others is for', () => {
  const table = optionTable(listing)
  expect(table).toMatch(/`rules` +\| list of options +\| required/)
  expect(table).toMatch(/`rules\[\]\.warm_up` +\| whole number +\| `30` +\| How many are only learned from\./)
  expect(table).toMatch(
    /`rules\[\]\.near` +\| options +\| +\| Near to it\. +\|\n\| `rules\[\]\.near\.limit` +\| number +\| `3`/,
  )
})
