import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadDefinition, renderFault } from '../config/load.ts'
import type { Plugin } from '../plugin.ts'
import { diskStorage } from '../storage.ts'
import { BUILTIN } from './builtin.ts'
import { EXAMPLES } from './examples.ts'
import { builtinRegistry } from './index.ts'

/** What `streamrun plugins KIND TYPE` shows is part of a pipeline; here it is made a whole one and loaded. */

const plugins = Object.entries(BUILTIN).flatMap(([kind, types]) => Object.keys(types).map((type) => ({ kind, type })))
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'streamrun-'))
  // What examples refer to.
  await mkdir(join(folder, 'tables'))
  await writeFile(join(folder, 'tables/users.csv'), 'id,name,country\n')
  await mkdir(join(folder, 'schemas'))
  await writeFile(join(folder, 'schemas/order.schema.json'), '{ "type": "object" }')
})

describe.each(plugins)('the example of $kind $type', ({ kind, type }) => {
  const shown = EXAMPLES[`${kind}-${type}`] ?? ''

  it('shows a component of that type', () => {
    const components = Object.values((parse(shown) as Fragment)[`${kind as Plugin['kind']}s`] ?? {})
    expect(components.map((component) => component.type)).toContain(type)
  })

  it('is part of a pipeline that loads', async () => {
    const loaded = await loadDefinition(join(folder, 'pipeline.yaml'), {
      storage: diskStorage(),
      environment: {},
      registry: builtinRegistry(),
      readText: async () => completed(shown),
    })
    const faults = loaded.kind === 'ok' ? [] : loaded.faults
    expect(faults.map((fault) => renderFault(fault, { colours: false }))).toEqual([])
  })
})

type Fragment = { readonly [section: string]: { readonly [name: string]: Component } }
type Component = { readonly type?: string; readonly from?: string | readonly string[]; readonly connection?: string }

/** Nothing of it is changed: what is missing is added behind it. */
function completed(shown: string): string {
  const given = parse(shown) as Fragment
  const components = Object.values(given).flatMap((section) => Object.values(section))
  const named = components.flatMap(({ from = [] }) => [from].flat().map((one) => one.split('.')[0]))
  const inputs = named.filter((name) => !Object.values(given).some((section) => Object.hasOwn(section, name ?? '')))
  const sources = (inputs.length > 0 ? inputs : ['in']).map((name) => `  ${name}: { type: file-tail, path: in.log }\n`)
  const connections = components.flatMap(({ connection }) => (connection === undefined ? [] : [connection]))
  return [
    shown,
    given.sources === undefined ? `sources:\n${[...new Set(sources)].join('')}` : '',
    given.sinks === undefined ? 'sinks:\n  out: { type: stdout }\n' : '',
    connections.length > 0 ? `connections:\n  ${connections[0]}: { type: kafka }\n` : '',
  ].join('')
}
