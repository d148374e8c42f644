import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { loadDefinition, renderFault } from '../../../engine/config/load.ts'
import { readOptions } from '../../../engine/options.ts'
import { builtinRegistry } from '../../../engine/registry/index.ts'
import { diskStorage } from '../../../engine/storage.ts'
import { checkFaker } from './check.ts'
import { options } from './options.ts'

const FOLDER = join(import.meta.dirname, 'expected')
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'))

async function faultsOf(file: string): Promise<string> {
  const loaded = await loadDefinition(file, {
    storage: diskStorage(),
    environment: {},
    registry: builtinRegistry(),
    readText: (path) => readFile(join(FOLDER, basename(path)), 'utf8'),
  })
  if (loaded.kind === 'ok') return ''
  return `${loaded.faults.map((fault) => renderFault(fault, { colours: false })).join('\n\n')}\n`
}

test.each(FILES)('the faults of expected/%s read as agreed', async (file) => {
  await expect(await faultsOf(file)).toMatchFileSnapshot(join(FOLDER, file.replace('.yaml', '.txt')))
})

test('positions belong to a seed, given or not, and to nothing else', async () => {
  const identityOf = async (given: Parameters<typeof readOptions>[1]) =>
    (await checkFaker(readOptions(options, { fields: { a: { value: 1 } }, ...given }))).identity
  const drawn = await identityOf({})
  expect(await identityOf({ count: 5, rate: 2, broken: 0.5, fields: { b: { value: 1 } } })).toEqual(drawn)
  expect(await identityOf({ seed: 1 })).not.toEqual(drawn)
  expect(await identityOf({ seed: 2 })).not.toEqual(await identityOf({ seed: 1 }))
})
