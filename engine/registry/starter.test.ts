import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadDefinition, renderFault } from '../config/load.ts'
import type { Plugin } from '../plugin.ts'
import { diskStorage } from '../storage.ts'
import { describeWiring } from '../topology/wiring.ts'
import { builtinRegistry } from './index.ts'
import { type StarterParts, starterPipeline } from './starter.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'streamrun-'))
})

const registry = builtinRegistry()
const types = (kind: Plugin['kind']) => registry.names(kind)
const ends = types('source').flatMap((source) => types('sink').map((sink) => ({ source, sink })))

async function starter(chosen: { source: string; sink: string; channel?: string; processors?: readonly string[] }) {
  const { source, sink, channel, processors = [] } = chosen
  const parts: Omit<StarterParts, 'connections'> = {
    file: 'first.yaml',
    name: 'first',
    schema: './pipeline.schema.json',
    source: await registry.load('source', source),
    channel: channel === undefined ? undefined : await registry.load('channel', channel),
    processors: await Promise.all(processors.map((type) => registry.load('processor', type))),
    sink: await registry.load('sink', sink),
  }
  const connections = [source, sink].includes('kafka') ? [await registry.load('connection', 'kafka')] : []
  const { text, files } = starterPipeline({ ...parts, connections })
  for (const [path, content] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  return text
}

async function load(text: string) {
  const loaded = await loadDefinition(join(folder, 'first.yaml'), {
    storage: diskStorage(),
    environment: {},
    registry,
    readText: async () => text,
  })
  if (loaded.kind === 'ok') return loaded.definition
  throw new Error(`${text}\n${loaded.faults.map((fault) => renderFault(fault, { colours: false })).join('\n')}`)
}

describe('starterPipeline', () => {
  it.each(ends)('writes from $source to $sink what loads as it stands', async (chosen) => {
    const { name, components } = await load(await starter(chosen))
    expect(name).toBe('first')
    expect(components.map(({ kind, type }) => [kind, type])).toEqual([
      ['source', chosen.source],
      ['sink', chosen.sink],
    ])
  })

  it.each(types('processor'))('reads every port of %s', async (processor) => {
    const processors = ['filter', processor, 'filter']
    await load(await starter({ source: 'file-tail', sink: 'file', channel: 'file', processors }))
  })

  it.each(types('processor'))('makes up, with faker, the fields that %s asks for', async (processor) => {
    for (const sink of types('sink')) await load(await starter({ source: 'faker', sink, processors: [processor] }))
  })

  it('wires a processor without a main output by its ports, and names two of a type apart', async () => {
    const text = await starter({ source: 'csv', sink: 'stdout', processors: ['filter', 'route', 'filter'] })
    expect(describeWiring(await load(text))).toBe(
      `source     in (csv)
processor  filter (filter)    <- in
processor  route (route)      <- filter
processor  filter-2 (filter)  <- route.eu, route.us
sink       out (stdout)       <- filter-2`,
    )
  })

  it('explains what it fills in, and shows what else there is', async () => {
    const text = await starter({ source: 'file-tail', sink: 'file' })
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/pipeline\.schema\.json\n/)
    expect(text).toContain('  # Reads the lines of files as they grow')
    expect(text).toMatch(/ {4}# The files to read: .*\n( {4}# .*\n)*? {4}path: data\/logs\/\*\.log\n/)
    expect(text).toContain('    # follow: true\n')
  })

  it.each(ends)('shows from $source to $sink only what is YAML without its `#`', async (chosen) => {
    const text = await starter(chosen)
    const { source } = chosen
    const full = parse(text.replaceAll(/^ {4}# (?=[a-z_]+: )/gm, '    '))
    const options = Object.keys((await registry.load('source', source)).options)
    expect(options).toEqual(expect.arrayContaining(Object.keys(full.sources.in).filter((key) => !COMMON.includes(key))))
  })

  it('gives a source and a sink of one type different places', async () => {
    const { sources, sinks } = parse(await starter({ source: 'kafka', sink: 'kafka' }))
    expect(sinks.out.topic).not.toBe(sources.in.topics)
  })
})

const COMMON = ['type', 'codec']
