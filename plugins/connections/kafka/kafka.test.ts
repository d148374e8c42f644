import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { loadDefinition, renderFault } from '../../../engine/config/load.ts'
import { builtinRegistry } from '../../../engine/registry/index.ts'
import { diskStorage } from '../../../engine/storage.ts'
import { manualClock, runPipeline } from '../../../test/contract/index.ts'

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
    retry: { attempts: 2, delay: 1ms }
    sasl: { mechanism: plain, username: alice, password: secret-word }
sources: { in: { type: kafka, topics: events } }
sinks: { out: { type: stdout } }`)
  const ended = await run.ended
  expect(ended).toMatchObject({ exitCode: 69, error: { code: 'SR_KAFKA_UNAVAILABLE' } })
  expect(JSON.stringify([ended, run.log])).not.toContain('secret-word')
  expect(run.counts('shop')).toEqual({ retries: 2 })
})

test('a pipeline that waits for brokers at its start ends in order when it is told to', async () => {
  const clock = manualClock()
  const text = `connections: { shop: { type: kafka, brokers: '127.0.0.1:1' } }
sources: { in: { type: kafka, topics: events } }
sinks: { out: { type: stdout } }`
  const run = await runPipeline(`name: shop\n${text}`, { clock })
  await vi.waitFor(() => expect(run.counts('shop')).toEqual({ retries: 1 }))
  run.stop()
  expect(await run.ended).toEqual({ exitCode: 0, error: undefined })
})
