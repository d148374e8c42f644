import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadDefinition, renderFault } from '../../../engine/config/load.ts'
import { builtinRegistry } from '../../../engine/registry/index.ts'
import { diskStorage } from '../../../engine/storage.ts'
import { runPipeline } from '../../../test/contract/index.ts'

const FOLDER = join(import.meta.dirname, 'expected')
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'))

function load(name: string) {
  return loadDefinition(join(FOLDER, name), {
    storage: diskStorage(),
    environment: {},
    registry: builtinRegistry(),
    readText: (path) => readFile(path, 'utf8'),
  })
}

test.each(FILES)('the faults of expected/%s read as agreed', async (file) => {
  const loaded = await load(file)
  const faults = loaded.kind === 'ok' ? [] : loaded.faults
  const text = faults
    .map((fault) => renderFault(fault, { colours: false }))
    .join('\n\n')
    .replaceAll(`${FOLDER}/`, '')
  await expect(`${text}\n`).toMatchFileSnapshot(join(FOLDER, file.replace('.yaml', '.txt')))
})

test('brokers that nobody can reach end the pipeline at its start with 69, and no password is in the message', async () => {
  const run = await runPipeline(`name: shop
connections:
  shop:
    type: kafka
    brokers: 127.0.0.1:1
    sasl: { mechanism: plain, username: alice, password: secret-word }
sources: { in: { type: kafka, topics: events } }
sinks: { out: { type: stdout } }`)
  const ended = await run.ended
  expect(ended).toMatchObject({ exitCode: 69, error: { code: 'SR_KAFKA_UNAVAILABLE' } })
  expect(JSON.stringify([ended, run.log])).not.toContain('secret-word')
})
