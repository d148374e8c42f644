import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { ERRORS, type ErrorCode, EXIT } from '../errors.ts'
import { diskStorage, type Storage } from '../storage.ts'
import { type LoadOptions, loadDefinition, renderFault } from './load.ts'
import { fixtureRegistry } from './plugins.fixture.ts'

const FOLDER = join(import.meta.dirname, 'expected')
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'))
const ENVIRONMENT = { SHOP_TOKEN: 'canary-secret-8f3a', EMPTY: '', UP: '..' }

const disk = diskStorage()
/** What the definitions name is in their folder. */
const FOLDER_STORAGE: Storage = {
  ...disk,
  open: (path, mode) => disk.open(join(FOLDER, relative(process.cwd(), path)), mode),
}

function options(text?: string): LoadOptions {
  return {
    storage: FOLDER_STORAGE,
    environment: ENVIRONMENT,
    registry: fixtureRegistry(),
    readText: async (path) => {
      if (basename(path) === 'empty.txt') return '\n'
      return text ?? (await readFile(join(FOLDER, basename(path)), 'utf8'))
    },
  }
}

async function faultsOf(file: string, text?: string): Promise<string> {
  const loaded = await loadDefinition(file, options(text))
  if (loaded.kind === 'ok') return ''
  return `${loaded.faults.map((fault) => renderFault(fault, { colours: false })).join('\n\n')}\n`
}

test.each(FILES)('the faults of expected/%s read as agreed', async (file) => {
  const text = await faultsOf(file)
  await expect(text).toMatchFileSnapshot(join(FOLDER, file.replace('.yaml', '.txt')))
})

test.each(FILES)('no secret is in the faults of expected/%s', async (file) => {
  expect(await faultsOf(file)).not.toContain('canary')
})

test('every code of a faulty definition has an example in expected/, or a test here', async () => {
  const texts = await Promise.all(FILES.map((file) => faultsOf(file)))
  // What is wrong with a test file is shown in test/test-command.test.ts.
  const here = ['SR_DEFINITION_UNREADABLE', 'SR_YAML_SIZE', 'SR_TEST_CASE']
  const codes = (Object.keys(ERRORS) as ErrorCode[]).filter((code) => ERRORS[code].exit === EXIT.definition)
  expect(codes.filter((code) => !here.includes(code) && !texts.some((text) => text.includes(code)))).toEqual([])
})

test.each([
  ['flow lists', '['.repeat(20_000)],
  ['closed flow lists', '['.repeat(20_000) + ']'.repeat(20_000)],
  ['block lists', `${'- '.repeat(20_000)}x`],
  ['maps', Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
])('%s nested too deeply are refused before they can do harm (CF-02)', async (_, text) => {
  expect(await faultsOf('deep.yaml', text)).toMatch(/^SR_YAML_DEPTH deep.yaml:\d+:\d+ nested deeper than 100 levels\n/)
})

test('a file of more than 1 MiB is refused', async () => {
  const text = `# ${'x'.repeat(1024 * 1024)}`
  expect(await faultsOf('large.yaml', text)).toMatch(/^SR_YAML_SIZE large.yaml:1:1 the file has 1048578 bytes/)
})

test('a file that is not there is a fault like any other', async () => {
  expect(await faultsOf('not-there.yaml')).toMatch(
    /^SR_DEFINITION_UNREADABLE not-there.yaml:1:1 cannot be read: ENOENT/,
  )
})
