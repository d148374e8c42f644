import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { installedFolder, installedStreamrun, installedTypes, installedVitest } from './installed.ts'

/** What somebody can do who has only the packed package. */

let folder: string

beforeAll(async () => {
  folder = await installedFolder()
})

describe('plugin new', () => {
  const KINDS = ['source', 'processor', 'sink']
  const newPlugin = (...args: string[]) => installedStreamrun(folder, ['plugin', 'new', ...args])

  it('writes plugins of each kind that pass their own contract tests', async () => {
    for (const kind of KINDS) {
      const { code, stderr } = await newPlugin(kind, `a-${kind}`)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    }
    const { code, stdout, stderr } = await installedVitest(folder)
    expect(code, `${stdout}\n${stderr}`).toBe(0)
    expect(stdout).toMatch(/Test Files +3 passed/)
    expect(stdout).not.toMatch(/skipped|todo/)
  })

  it('writes plugins in which an editor finds no wrong type', async () => {
    for (const kind of KINDS) await newPlugin(kind, `typed-${kind}`)
    const { stdout } = await installedTypes(
      folder,
      KINDS.flatMap((kind) => [`typed-${kind}/index.js`, `typed-${kind}/contract.test.js`]),
    )
    expect(stdout).toBe('')
  })

  it('writes plugins that run in a pipeline, under the name that was asked for', async () => {
    for (const kind of KINDS) await newPlugin(kind, `my-${kind}s`, '--dir', `mine/${kind}`)
    const pipeline = `plugins: [./mine/source/index.js, ./mine/processor/index.js, ./mine/sink/index.js]
delivery: exactly-once
sources: { in: { type: my-sources, count: 2 } }
processors: { marked: { type: my-processors, field: region, text: north } }
sinks: { out: { type: my-sinks, path: out/all.ndjson } }
`
    writeFileSync(join(folder, 'mine.yaml'), pipeline)
    const { code, stderr } = await installedStreamrun(folder, ['mine.yaml', '--quiet'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const written = readFileSync(join(folder, 'out/all.ndjson'), 'utf8')
    expect(written).toBe('{"number":1,"region":"north"}\n{"number":2,"region":"north"}\n')
  })

  it('says in package.json and README how the plugin is called', async () => {
    await newPlugin('sink', 'shop-api')
    const { name, peerDependencies } = JSON.parse(readFileSync(join(folder, 'shop-api/package.json'), 'utf8'))
    expect(name).toBe('streamrun-shop-api')
    expect(peerDependencies.streamrun).toMatch(/^\^\d/)
    expect(readFileSync(join(folder, 'shop-api/README.md'), 'utf8')).toContain('out: { type: shop-api, path:')
  })

  it('writes into no folder that holds something, and ends with 73', async () => {
    mkdirSync(join(folder, 'taken'))
    writeFileSync(join(folder, 'taken/notes.txt'), 'mine')
    const { code, stderr } = await newPlugin('sink', 'taken')
    expect(code).toBe(73)
    expect(stderr).toContain('SR_OUTPUT_CREATE the folder taken is not empty')
    expect(existsSync(join(folder, 'taken/index.js'))).toBe(false)
  })

  it.each([
    [['snik', 'mine'], 'there is no template for a "snik"; did you mean "sink"?'],
    [['sink', 'file'], 'streamrun has a sink "file" of its own'],
    [['sink', '../up'], '"../up" cannot be the type of a plugin'],
  ])('refuses %j with 64', async (args, message) => {
    const { code, stderr } = await newPlugin(...args)
    expect(code).toBe(64)
    expect(stderr).toContain(message)
  })
})

describe('init', () => {
  it('names the schema of the package that is installed beside, by a relative path', async () => {
    mkdirSync(join(folder, 'flows'))
    const { code } = await installedStreamrun(folder, ['init', 'flows/a.yaml', '--source', 'csv', '--sink', 'stdout'])
    expect(code).toBe(0)
    const [first = ''] = readFileSync(join(folder, 'flows/a.yaml'), 'utf8').split('\n')
    expect(first).toBe('# yaml-language-server: $schema=../node_modules/streamrun/schemas/pipeline.schema.json')
    expect(existsSync(join(folder, 'node_modules/streamrun/schemas/pipeline.schema.json'))).toBe(true)
  })
})
