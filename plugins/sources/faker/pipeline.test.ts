import { expect, test, vi } from 'vitest'
import { type PipelineRun, readLines, runPipeline } from '../../../test/contract/index.ts'
import { valuesOf } from './faker.fixture.ts'

test('a broken record is written as it is, through a file channel too, and whoever reads it dead-letters it', async () => {
  const folder = '/pipeline'
  const written = await runPipeline(`
sources: { made: { type: faker, seed: 4, count: 60, broken: 0.1, fields: { id: { sequence: {} }, pad: { value: xxxxxxxx } } } }
channels: { disk: { type: file } }
processors: { all: { type: filter, where: 'true' } }
sinks: { log: { type: file, path: ${folder}/made.ndjson } }
`)
  expect(await written.ended).toMatchObject({ exitCode: 0 })
  const { storage } = written
  const read = await runPipeline(
    `
sources: { log: { type: file-tail, path: ${folder}/made.ndjson, follow: false } }
sinks: { good: { type: file, path: ${folder}/good.ndjson } }
`,
    { storage, folder: '/second' },
  )
  expect(await read.ended).toMatchObject({ exitCode: 0 })
  const letters = await read.deadLetters()
  expect(letters.map(({ code }) => code)).toEqual(letters.map(() => 'SR_JSON_INVALID'))
  expect(letters.length).toMatchInlineSnapshot(`8`)
  expect(read.counts('good').out).toBe(60 - letters.length)
})

test('killed before and after its first checkpoint, it goes on with the seed that is stored, and with no other', async () => {
  const fields = {
    id: { sequence: {} },
    user: { pool: 9, of: { faker: 'string.uuid' } },
    price: { faker: 'commerce.price' },
  }
  let run = await runPipeline(`
checkpoint: { interval: 5ms }
sources: { made: { type: faker, count: 20000, fields: ${JSON.stringify(fields)} } }
sinks: { out: { type: file, path: /pipeline/out.ndjson } }
`)
  const seeds = new Set<number>()
  for (const made of [1, 3000, 3000]) {
    await written(run, made)
    await run.kill()
    for (const seed of drawnSeeds(run)) seeds.add(seed)
    run = await run.resume()
  }
  expect(await run.ended).toMatchObject({ exitCode: 0 })
  for (const seed of drawnSeeds(run)) seeds.add(seed)
  const lines = (await readLines(run.storage, '/pipeline/out.ndjson')).map((line) => JSON.parse(line))
  const possible = await Promise.all([...seeds].map((seed) => valuesOf({ seed, count: 20_000, fields })))
  expect(possible.some((values) => JSON.stringify(values) === JSON.stringify(lines))).toBe(true)
})

/** Resolves when so many records are written, or when all are. */
async function written(run: PipelineRun, count: number): Promise<void> {
  let ended = false
  void run.ended.then(() => {
    ended = true
  })
  const isThere = () => ended || (run.counts('out').out ?? 0) >= count
  await vi.waitFor(() => expect(isThere()).toBe(true), { interval: 1, timeout: 50_000 })
}

function drawnSeeds({ log }: PipelineRun): number[] {
  return log.flatMap(({ message }) => /^drew the seed (\d+)/.exec(message)?.slice(1).map(Number) ?? [])
}

test('another seed than that of the state is refused, other fields are not', async () => {
  const yaml = (options: string) => `
sources: { made: { type: faker, ${options} } }
sinks: { out: { type: file, path: /pipeline/out.ndjson } }
`
  const first = await runPipeline(yaml('seed: 1, count: 2, fields: { a: { sequence: {} } }'))
  expect(await first.ended).toMatchObject({ exitCode: 0 })
  const { storage } = first
  const seeded = await runPipeline(yaml('seed: 2, count: 3, fields: { a: { sequence: {} } }'), { storage })
  expect(await seeded.ended).toMatchObject({ exitCode: 75 })
  const changed = await runPipeline(yaml('seed: 1, count: 3, fields: { b: { sequence: {} } }'), { storage })
  expect(await changed.ended).toMatchObject({ exitCode: 0 })
  expect(await readLines(storage, '/pipeline/out.ndjson')).toEqual(['{"a":1}', '{"a":2}', '{"b":3}'])
})
