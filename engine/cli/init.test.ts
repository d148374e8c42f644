import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { loadDefinition, renderFault } from '../config/load.ts'
import { builtinRegistry } from '../registry/index.ts'
import { diskStorage } from '../storage.ts'
import { readText } from './common.ts'
import { init } from './init.ts'

const registry = builtinRegistry()
const pairs = registry.names('source').flatMap((source) => registry.names('sink').map((sink) => ({ source, sink })))
const chains = [...registry.names('processor').map((type) => [type]), ['enrich', 'enrich']]

/** A path for a pipeline in an empty folder, and what `init` says. */
function atWork() {
  const folder = mkdtempSync(join(tmpdir(), 'streamrun-init-'))
  const said: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0)
  return { folder, file: join(folder, 'first.yaml'), said }
}

afterEach(() => {
  vi.restoreAllMocks()
})

async function faultsOf(file: string): Promise<string[]> {
  const loaded = await loadDefinition(file, { storage: diskStorage(), environment: {}, registry, readText })
  return loaded.kind === 'ok' ? [] : loaded.faults.map((fault) => renderFault(fault, { colours: false }))
}

describe('init', () => {
  it.each(pairs)('writes from $source to $sink, with any processor, what validates as it stands', async (ends) => {
    for (const processor of chains) {
      const { file } = atWork()
      expect(await init(file, { ...ends, processor })).toBe(0)
      expect(await faultsOf(file)).toEqual([])
    }
  })

  it.each(registry.names('channel'))('writes a %s channel that validates as it stands', async (channel) => {
    const { file } = atWork()
    expect(await init(file, { source: 'csv', channel, processor: [], sink: 'file' })).toBe(0)
    expect(await faultsOf(file)).toEqual([])
  })

  it('writes the table that enrich reads beside the pipeline, and says so', async () => {
    const { folder, file, said } = atWork()
    await init(file, { source: 'csv', processor: ['enrich'], sink: 'file' })
    expect(readFileSync(join(folder, 'tables/users.csv'), 'utf8')).toMatch(/^id,name,country\n/)
    expect(said.join('')).toBe(
      `wrote ${file}\nwrote ${join(folder, 'tables/users.csv')}, which it reads\nnext: streamrun validate ${file}\n`,
    )
  })

  it('leaves a table that is there as it is', async () => {
    const { folder, file, said } = atWork()
    mkdirSync(join(folder, 'tables'))
    writeFileSync(join(folder, 'tables/users.csv'), 'id\nmine\n')
    await init(file, { source: 'csv', processor: ['enrich'], sink: 'file' })
    expect(readFileSync(join(folder, 'tables/users.csv'), 'utf8')).toBe('id\nmine\n')
    expect(said.join('')).toContain('tables/users.csv is there already, and is left as it is')
  })

  it('ends with 73 when there is no place for the table', async () => {
    const { folder, file } = atWork()
    vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    writeFileSync(join(folder, 'tables'), '')
    expect(await init(file, { source: 'csv', processor: ['enrich'], sink: 'file' })).toBe(73)
    expect(existsSync(file)).toBe(true)
  })
})
