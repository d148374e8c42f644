import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installedFolder, installedStreamrun, installedTypes, installedVitest } from './installed.ts'

/** What somebody can do who has only the packed package. */

let folder: string

beforeAll(async () => {
  folder = await installedFolder()
})

afterAll(() => rmSync(folder, { recursive: true }))

describe('plugin new', () => {
  const KINDS = ['source', 'processor', 'sink']
  const newPlugin = (...args: string[]) => installedStreamrun(folder, ['plugin', 'new', ...args])

  it('writes plugins of each kind that pass their own contract tests', async () => {
    for (const kind of KINDS) {
      const { code, stderr } = await newPlugin(kind, `a-${kind}`, '--dir', `new/${kind}`)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    }
    const { code, stdout, stderr } = await installedVitest(folder, 'new')
    expect(code, `${stdout}\n${stderr}`).toBe(0)
    expect(stdout).toMatch(/Test Files +3 passed/)
    expect(stdout).not.toMatch(/skipped|todo/)
  })

  it('writes plugins in which an editor finds no wrong type', async () => {
    for (const kind of KINDS) await newPlugin(kind, `typed-${kind}`)
    const files = KINDS.flatMap((kind) => [`typed-${kind}/index.js`, `typed-${kind}/contract.test.js`])
    const { code, stdout } = await installedTypes(folder, files)
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
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
    [['channel', 'mine'], 'there is no template for a channel: `defineChannel` of streamrun/plugin says what to write'],
    [['connection', 'mine'], 'there is no template for a connection: `defineConnection` of streamrun/plugin'],
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

describe('examples/plugin-package', () => {
  const PACKAGE = 'examples/plugin-package'

  /** What npm would leave out is left out. */
  function install(): void {
    const { name, files } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8'))
    for (const file of ['package.json', 'README.md', ...files]) {
      cpSync(join(PACKAGE, file), join(folder, 'node_modules', name, file), { recursive: true })
    }
  }

  it('passes the contract suites of its source and its sink', async () => {
    cpSync(PACKAGE, join(folder, 'spool'), { recursive: true })
    const { code, stdout, stderr } = await installedVitest(folder, 'spool')
    expect(code, `${stdout}\n${stderr}`).toBe(0)
    expect(stdout).toMatch(/Test Files +1 passed/)
  })

  it('is used by a pipeline that names it, once it is installed', async () => {
    cpSync(join(PACKAGE, 'example/pipeline.yaml'), join(folder, 'pipeline.yaml'))
    const before = await installedStreamrun(folder, ['validate', 'pipeline.yaml'])
    expect(before).toMatchObject({ code: 78, stderr: expect.stringContaining('"streamrun-spool" is not installed') })
    install()
    mkdirSync(join(folder, 'inbox'))
    const orders = [
      { id: 1, paid: true },
      { id: 2, paid: false },
      { id: 3, paid: true },
    ]
    for (const order of orders) writeFileSync(join(folder, `inbox/${order.id}.json`), JSON.stringify(order))
    writeFileSync(join(folder, 'inbox/4.json'), 'no JSON')
    const { code, stderr } = await installedStreamrun(folder, ['pipeline.yaml', '--quiet'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const written = readdirSync(join(folder, 'outbox')).sort()
    expect(written).toEqual(['000000000001.json', '000000000002.json'])
    expect(written.map((name) => JSON.parse(readFileSync(join(folder, 'outbox', name), 'utf8')).id)).toEqual([1, 3])
    expect(readdirSync(join(folder, 'inbox'))).toEqual([])
    const letters = readFileSync(join(folder, '.streamrun/spool/dead-letters/inbox-000001.ndjson'), 'utf8')
    expect(JSON.parse(letters)).toMatchObject({ code: 'SR_JSON_INVALID', component: 'inbox' })
  })

  it('has nothing in it in which an editor finds a wrong type', async () => {
    cpSync(PACKAGE, join(folder, 'typed'), { recursive: true })
    const { code, stdout } = await installedTypes(folder, ['typed/src/index.js'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  })
})
