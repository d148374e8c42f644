import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Option, OptionKind } from '../engine/options.ts'
import type { JsonObject, Plugin } from '../engine/plugin.ts'

/** What is asked of every plugin. Exceptions stand in the maps below, with a reason each. */

const ROOT = resolve(import.meta.dirname, '..')
const KINDS = ['connection', 'source', 'channel', 'processor', 'sink'] as const satisfies readonly Plugin['kind'][]

/** Packages that a plugin may import at its top, because they load fast. `kind/type` -> package -> reason. */
const EAGER_IMPORTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'source/file-tail': { picomatch: 'loads in a few milliseconds, and every file-tail matches globs' },
}

/** Plugins that no example and no pipeline uses. `kind/type` -> reason. */
const UNUSED: Readonly<Record<string, string>> = {}

/** Options without an example or a default. `kind/type.option` -> reason. */
const UNSHOWN: Readonly<Record<string, string>> = {}

/** Options with expressions that see something else than the records that come in, or that may name any field. */
const NOT_OVER_RECORDS: Readonly<Record<string, string>> = {
  'processor/window.having': 'it sees the results',
  'processor/quality.checks': 'a field that is never there is what it is to tell',
}

/** Kinds of options whose values need no example: they are listed. */
const SELF_EVIDENT: readonly OptionKind[] = ['boolean', 'enum']

const plugins = KINDS.flatMap((kind) => typesOf(kind).map((type) => ({ kind, type, id: `${kind}/${type}` })))
const folderOf = (kind: Plugin['kind'], type: string) => join(ROOT, 'plugins', `${kind}s`, type)

describe.each(plugins)('the plugin $id', ({ kind, type, id }) => {
  const folder = folderOf(kind, type)
  const plugin = async () => ((await import(join(folder, 'index.ts'))) as { default: Plugin }).default

  it('has the kind and the type of its folder', async () => {
    expect(await plugin()).toMatchObject({ kind, type })
  })

  it('is summed up in one sentence that starts with a verb', async () => {
    expect((await plugin()).summary).toMatch(/^[A-Z][a-z]+s .*[^.]\.$/)
  })

  it('describes each of its options in sentences, and shows a value of it', async () => {
    for (const [name, option] of Object.entries((await plugin()).options)) {
      expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/)
      expect.soft(option.schema.description, name).toMatch(/^[A-Z`'0-9a-z*][\s\S]*\.$/)
      expect.soft(isShown(option) || `${id}.${name}` in UNSHOWN, `${name} has an example or a default`).toBe(true)
    }
  })

  it('gives examples and defaults that it can read', async () => {
    for (const [name, option] of Object.entries((await plugin()).options)) {
      const values = [
        ...((option.schema.examples ?? []) as []),
        ...(option.default === undefined ? [] : [option.default]),
      ]
      for (const value of values) expect(option.read(value), name).not.toBeNaN()
    }
  })

  it('says which of its expressions see the records that come in', async () => {
    const one = await plugin()
    if (one.kind !== 'processor' && one.kind !== 'sink') return
    const parsed = Object.entries(one.options).filter(([, { schema }]) =>
      /"format":"(jsonata|template)"/.test(JSON.stringify(schema)),
    )
    const expected = parsed.map(([name]) => name).filter((name) => NOT_OVER_RECORDS[`${id}.${name}`] === undefined)
    expect([...(one.overRecords ?? [])].sort()).toEqual(expected.sort())
  })

  it('has a README with its name and the place for its options', () => {
    const readme = readFileSync(join(folder, 'README.md'), 'utf8')
    expect(readme).toMatch(new RegExp(`^# .*${type}`))
    expect(readme).toMatch(/<!-- generated: options -->[\s\S]*<!-- \/generated -->/)
  })

  it('is put through the contract suite of its kind', () => {
    // What a client does is a contract of its own: describeKafka in plugins/shared/kafka.
    if (kind === 'connection') return
    const suite = `describe${kind.charAt(0).toUpperCase()}${kind.slice(1)}(`
    expect(testsIn(folder).some((text) => text.includes(suite))).toBe(true)
  })

  it('imports no package at its top but those that load fast', () => {
    const packages = sourcesIn(folder).flatMap(importedPackages)
    expect([...new Set(packages)].filter((name) => EAGER_IMPORTS[id]?.[name] === undefined)).toEqual([])
  })

  it('is used in an example or a pipeline', () => {
    expect(usedPlugins().has(id) || id in UNUSED).toBe(true)
  })
})

it('no exception has become needless', async () => {
  const used = usedPlugins()
  expect(Object.keys(UNUSED).filter((id) => used.has(id))).toEqual([])
  for (const [id, packages] of Object.entries(EAGER_IMPORTS)) {
    const [kind, type] = id.split('/') as [Plugin['kind'], string]
    const imported = sourcesIn(folderOf(kind, type)).flatMap(importedPackages)
    expect(imported).toEqual(expect.arrayContaining(Object.keys(packages)))
  }
})

function typesOf(kind: Plugin['kind']): string[] {
  const folder = join(ROOT, 'plugins', `${kind}s`)
  if (!existsSync(folder)) return []
  const entries = readdirSync(folder, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

function isShown({ kind, schema, default: fallback }: Option): boolean {
  return SELF_EVIDENT.includes(kind) || fallback !== undefined || (schema.examples as [])?.length > 0
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))
}

function testsIn(folder: string): string[] {
  const tests = filesIn(folder).filter((path) => path.endsWith('.test.ts'))
  return tests.map((path) => readFileSync(join(folder, path), 'utf8'))
}

function sourcesIn(folder: string): string[] {
  const sources = filesIn(folder).filter((path) => !/\.(test|fixture)\.ts$/.test(path))
  return sources.map((path) => readFileSync(join(folder, path), 'utf8'))
}

/** Packages of `import ... from 'x'` and `import 'x'`; `import type` costs nothing, `await import('x')` only when used. */
function importedPackages(source: string): string[] {
  const imports = source.matchAll(/^(?:import|export)\s+(?!type\b)(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm)
  return [...imports].map(([, name]) => name as string).filter((name) => !/^(\.|node:)/.test(name))
}

/** `kind/type` of every component of `examples/*` and `pipelines/*`; a channel without a type is a memory channel. */
function usedPlugins(): ReadonlySet<string> {
  const used = pipelineFiles().flatMap((file) => {
    const pipeline = parse(readFileSync(file, 'utf8')) as { [section: string]: { [name: string]: JsonObject } }
    return KINDS.flatMap((kind) =>
      Object.values(pipeline[`${kind}s`] ?? {}).map(({ type = 'memory' }) => `${kind}/${type}`),
    )
  })
  return new Set(used)
}

function pipelineFiles(): string[] {
  const pipelines = readdirSync(join(ROOT, 'pipelines')).filter((name) => name.endsWith('.yaml'))
  const examples = readdirSync(join(ROOT, 'examples')).map((name) => join(ROOT, 'examples', name, 'pipeline.yaml'))
  return [...pipelines.map((name) => join(ROOT, 'pipelines', name)), ...examples.filter((file) => existsSync(file))]
}
