import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { EXAMPLES } from '../engine/registry/examples.ts'
import { builtinRegistry } from '../engine/registry/index.ts'
import { streamrun, workFolder } from './streamrun.ts'

/** The commands that explain and begin things, as users call them. */

describe('graph', () => {
  it('draws with --format mermaid what --format text tells', async () => {
    const cwd = workFolder()
    const { code, stdout } = await streamrun(['graph', '--format', 'mermaid', 'pipelines/ecommerce.yaml'], { cwd })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^flowchart LR\n {2}subgraph segment_1\["segment 1"\]\n/)
    expect(stdout).toContain('  source_shop_log --> channel_buffer\n')
  })

  it('refuses a format that it does not know', async () => {
    const { code } = await streamrun(['graph', '--format', 'dot', 'pipelines/ecommerce.yaml'], { cwd: workFolder() })
    expect(code).toBe(64)
  })
})

describe('plugins', () => {
  const cwd = workFolder()
  const plugins = (...args: string[]) => streamrun(['plugins', ...args], { cwd })
  const optionsShown = (stdout: string) => [...stdout.matchAll(/^ {2}(\S+) {2}\(/gm)].map(([, name]) => name)

  it('lists every built-in plugin with its summary under its kind', async () => {
    const { code, stdout } = await plugins()
    expect(code).toBe(0)
    for (const kind of ['connection', 'source', 'channel', 'processor', 'sink'] as const) {
      const block = stdout.split('\n\n').find((text) => text.startsWith(`${kind}s\n`))
      for (const type of builtinRegistry().names(kind)) {
        const { summary } = await builtinRegistry().load(kind, type)
        expect(block).toMatch(new RegExp(`^ {2}${type} +${summary.slice(0, 20)}`, 'm'))
      }
    }
  })

  it('lists those of one kind', async () => {
    const { stdout } = await plugins('channel')
    expect(stdout).toMatch(/^channels\n {2}file .*\n {2}memory .*\n\nAll about one/)
  })

  it('explains one: summary, tested example, and every option with value, default and description', async () => {
    const { code, stdout } = await plugins('sink', 'file')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^sink file\n {2}Writes records to files/)
    expect(stdout).toContain(EXAMPLES['sink-file']?.split('\n')[1])
    expect(stdout).toContain('  path  (template; required)\n      ')
    expect(stdout).toContain('  mode  (append, overwrite; default append)\n      ')
    const shown = optionsShown(stdout)
    expect(shown).toEqual(
      expect.arrayContaining(['max_open_files', 'csv.delimiter', 'retry.max_delay', 'from', 'codec']),
    )
    for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100)
  })

  it('explains all that have a type when no kind is named', async () => {
    const { stdout } = await plugins('kafka')
    expect(stdout.match(/^(\w+) kafka$/gm)).toEqual(['connection kafka', 'source kafka', 'sink kafka'])
  })

  it('gives the same as data with --json, the options as a schema', async () => {
    const { stdout } = await plugins('--json', 'sink', 'kafka')
    const [only, ...others] = JSON.parse(stdout)
    expect(others).toEqual([])
    expect(only).toMatchObject({ kind: 'sink', type: 'kafka', delivery: 'at-least-once' })
    expect(only.example).toBe(EXAMPLES['sink-kafka'])
    expect(only.schema.properties.topic.description).toContain('topic')
    expect(JSON.parse((await plugins('--json')).stdout).length).toBeGreaterThan(10)
  })

  it.each([
    [['sink', 'kafak'], 'there is no sink "kafak"; did you mean "kafka"?'],
    [['snik', 'kafka'], 'there is no kind of plugin "snik"; did you mean "sink"?'],
    [['sinks'], 'there is no plugin "sinks"; did you mean "sink"?'],
    [['sink', 'csv'], 'there is no sink "csv"; there are file, kafka, stdout'],
  ])('does not know %j: says what there is, and ends with 64', async (words, message) => {
    const { code, stderr } = await plugins(...words)
    expect(code).toBe(64)
    expect(stderr).toBe(`SR_USAGE ${message}\n`)
  })
})

describe('init', () => {
  it('writes a pipeline that validates, with the schema for editors and a name from its file', async () => {
    const cwd = workFolder()
    const flags = ['--source', 'file-tail', '--processor', 'filter', '--processor', 'jsonata', '--sink', 'file']
    const { code, stdout, stderr } = await streamrun(['init', 'My Orders.yaml', ...flags], { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('streamrun validate My Orders.yaml')
    const text = readFileSync(join(cwd, 'My Orders.yaml'), 'utf8')
    expect(text).toContain('\nname: my-orders\n')
    const schema = /^# yaml-language-server: \$schema=(.*)\n/.exec(text)?.[1]
    expect(existsSync(join(cwd, schema ?? '')) || existsSync(schema ?? '')).toBe(true)
    expect((await streamrun(['validate', 'My Orders.yaml'], { cwd })).code).toBe(0)
  })

  it('leaves a file that is there as it is, and ends with 73', async () => {
    const cwd = workFolder()
    writeFileSync(join(cwd, 'pipeline.yaml'), 'mine')
    const { code, stderr } = await streamrun(['init', '--source', 'csv', '--sink', 'stdout'], { cwd })
    expect(code).toBe(73)
    expect(stderr).toContain('SR_OUTPUT_CREATE pipeline.yaml is there already')
    expect(readFileSync(join(cwd, 'pipeline.yaml'), 'utf8')).toBe('mine')
  })

  it.each([
    [['--source', 'csv'], 'there is no terminal to ask on: write --sink (file, kafka, stdout)'],
    [['--source', 'cvs', '--sink', 'file'], 'there is no source "cvs"; did you mean "csv"?'],
  ])('writes nothing with %j, and ends with 64', async (flags, message) => {
    const cwd = workFolder()
    const { code, stderr } = await streamrun(['init', ...flags], { cwd })
    expect(code).toBe(64)
    expect(stderr).toContain(message)
    expect(existsSync(join(cwd, 'pipeline.yaml'))).toBe(false)
  })
})
