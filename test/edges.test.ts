import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../engine/clock.ts'
import { encodeBatch } from '../engine/codec/encode.ts'
import { createCodec } from '../engine/codec/index.ts'
import {
  defineProcessor,
  defineSink,
  makeRecord,
  packBatch,
  RecordError,
  recordsBatch,
  unpackBatch,
} from '../engine/plugin.ts'
import { diskStorage } from '../engine/storage.ts'
import fileChannel from '../plugins/channels/file/index.ts'
import fileSink from '../plugins/sinks/file/index.ts'
import {
  collectingSink,
  end,
  lines,
  listSource,
  manualClock,
  memoryStorage,
  pause,
  records,
  runPipeline,
} from './contract/index.ts'
import { proxied, wait, within } from './faulty.ts'
import { startStreamrun, streamrun, until, workFolder } from './streamrun.ts'

const failing = defineProcessor({
  type: 'failing',
  summary: 'Refuses every record.',
  options: {},
  open: () => ({
    process({ records }, out) {
      for (const record of records) out.fail(record, new RecordError('SR_RECORD_SHAPE', 'no'))
    },
  }),
})

describe('at the edges', () => {
  it('a batch of more broken lines than a call takes arguments goes to the dead letters', async () => {
    const texts = Array.from({ length: 150_000 }, () => '{')
    const run = await runPipeline({
      sources: { src: { plugin: listSource({ kind: 'lines', texts }).plugin } },
      sinks: { out: { plugin: collectingSink().plugin } },
    })
    expect(await run.ended).toMatchObject({ exitCode: 0 })
    expect(run.counts('dead-letters').out).toBe(150_000)
  })

  it('a batch of more values than a call takes arguments may be one that its sink cannot encode', async () => {
    const values = Array.from({ length: 150_000 }, () => 'two\nlines')
    const run = await runPipeline({
      sources: { src: { plugin: listSource({ kind: 'records', values }).plugin } },
      sinks: { out: { plugin: fileSink, codec: 'lines', options: { path: '/out/all.log' } } },
    })
    expect(await run.ended).toMatchObject({ exitCode: 0 })
    expect(run.counts('dead-letters').out).toBe(150_000)
  })

  it('dead letters of all sources of a flow are in one file, named after the first, and each line names its own', async () => {
    const storage = memoryStorage()
    const run = await runPipeline(
      {
        sources: {
          one: { plugin: listSource(lines('{')).plugin },
          two: { plugin: listSource(lines('[', '1')).plugin },
        },
        processors: { refuse: { plugin: failing } },
        sinks: { out: { plugin: collectingSink().plugin } },
      },
      { storage },
    )
    await run.ended
    const letters = (await run.deadLetters()) as { source: string; component: string; raw: string }[]
    expect(letters.map(({ source, component, raw }) => [source, component, raw]).sort()).toEqual([
      ['one', 'one', '{'],
      ['two', 'refuse', '1'],
      ['two', 'two', '['],
    ])
    const files = await storage.list('/pipeline/state/dead-letters')
    expect(files.map(({ name }) => name)).toEqual(['one-000001.ndjson'])
  })

  it('dead letters that an operator has moved away leave no hole of zeros', async () => {
    const storage = memoryStorage()
    const source = listSource(lines('{'), end(), lines('['))
    const run = await runPipeline(
      { sources: { src: { plugin: source.plugin } }, sinks: { out: { plugin: collectingSink().plugin } } },
      { storage },
    )
    await run.ended
    expect(await run.deadLetters()).toHaveLength(1)
    await storage.remove('/pipeline/state/dead-letters/src-000001.ndjson')
    const again = await run.resume()
    expect(await again.ended).toMatchObject({ exitCode: 0 })
    expect(await again.deadLetters()).toHaveLength(1)
  })

  it('an error while a full channel looks at the disk ends the pipeline with 74', async () => {
    const disk = memoryStorage()
    let looks = 0
    const storage = proxied(disk, {
      async freeBytes() {
        looks += 1
        if (looks === 1) return 0
        throw Object.assign(new Error('EIO: statfs'), { code: 'EIO' })
      },
    })
    const escaped: unknown[] = []
    const others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    process.on('unhandledRejection', (error) => void escaped.push(error))
    const run = await runPipeline(
      {
        sources: { src: { plugin: listSource(records(1)).plugin } },
        channels: { buf: { plugin: fileChannel } },
        sinks: { out: { plugin: collectingSink().plugin } },
      },
      { storage },
    )
    const outcome = await within(20_000, run.ended)
    if (outcome === 'stuck') await run.kill()
    await wait(10)
    process.removeAllListeners('unhandledRejection')
    for (const listener of others) process.on('unhandledRejection', listener)
    expect({ outcome, escaped }).toMatchObject({ outcome: { exitCode: 74 }, escaped: [] })
  })

  it('original bytes of no known format are not taken for JSON behind a channel', () => {
    const origin = { component: 'src', partition: 'p', position: 0 }
    const record = makeRecord({ value: { a: 1 }, raw: Buffer.from('a;1'), timestamp: 0, origin })
    const text = (batch: ReturnType<typeof recordsBatch>) =>
      Buffer.concat([...encodeBatch(createCodec('json'), batch).chunks]).toString()
    expect(text(recordsBatch([record]))).toBe('{"a":1}\n')
    const unpacked = unpackBatch(Buffer.concat(packBatch(recordsBatch([record]))), (name) => createCodec(name))
    expect(text(unpacked)).toBe('{"a":1}\n')
  })

  it('two templated paths that a link makes one file lose nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'review-'))
    mkdirSync(join(folder, 'out'))
    writeFileSync(join(folder, 'out/a.ndjson'), '')
    symlinkSync('a.ndjson', join(folder, 'out/b.ndjson'))
    const run = await runPipeline(
      {
        sources: {
          src: {
            plugin: listSource(records({ k: 'a', n: 1 }, { k: 'b', n: 2 }), records({ k: 'a', n: 3 }, { k: 'b', n: 4 }))
              .plugin,
          },
        },
        sinks: { files: { plugin: fileSink, codec: 'json', options: { path: `${folder}/out/{k}.ndjson` } } },
      },
      { storage: diskStorage(), folder },
    )
    const outcome = await run.ended
    const text = readFileSync(join(folder, 'out/a.ndjson'), 'utf8')
    const kept = text.split('\n').length - 1 + (await run.deadLetters()).length
    expect(outcome === 'killed' || outcome.exitCode !== 0 || kept === 4, text).toBe(true)
  })

  it('a shutdown timeout also ends a pipeline that hangs while it opens', async () => {
    const clock = manualClock()
    const stuck = defineSink({
      type: 'stuck',
      summary: 'Never opens.',
      delivery: 'at-least-once',
      options: {},
      open: () => new Promise<never>(() => {}),
    })
    const run = await runPipeline(
      { sources: { src: { plugin: listSource(records(1)).plugin } }, sinks: { out: { plugin: stuck } } },
      { clock, shutdownTimeout: 1000 },
    )
    await wait(20)
    run.stop()
    clock.advance(5000)
    expect(await within(1000, run.ended)).toMatchObject({ exitCode: 124 })
  })

  it('a timer of 25 days does not fire at once', async () => {
    let fired = false
    const cancel = systemClock().timer(25 * 86_400_000, () => {
      fired = true
    })
    await wait(30)
    cancel()
    expect(fired).toBe(false)
  })

  it('a reader of stderr that goes away does not end the pipeline', async () => {
    const folder = workFolder()
    writeFileSync(join(folder, 'in.log'), '{"a":1}\n')
    writeFileSync(
      join(folder, 'p.yaml'),
      'name: p\nsources:\n  s: { type: file-tail, path: in.log }\nsinks:\n  o: { type: file, path: out.ndjson }\n',
    )
    const { child, ended } = startStreamrun(['p.yaml'], { cwd: folder })
    await until(() => {
      try {
        return readFileSync(join(folder, 'out.ndjson'), 'utf8') !== ''
      } catch {
        return false
      }
    })
    child.stderr?.destroy()
    child.kill('SIGTERM')
    const { code } = await ended
    expect(code).toBe(0)
  })

  it('every part is closed, also when the close of one fails', async () => {
    let closed = false
    const sink = (act: () => void) =>
      defineSink({
        type: 'closing',
        summary: 'Closes.',
        delivery: 'at-least-once',
        options: {},
        open: () => ({ write: async () => {}, close: async () => act() }),
      })
    const run = await runPipeline({
      sources: { src: { plugin: listSource(records(1)).plugin } },
      sinks: {
        one: {
          plugin: sink(() => {
            throw new Error('cannot close')
          }),
          from: 'src',
        },
        two: {
          plugin: sink(() => {
            closed = true
          }),
          from: 'src',
        },
      },
    })
    await run.ended
    expect(closed).toBe(true)
  })

  it.each([undefined, new Error('broken')])('every file is closed, also when a sink fails: %s', async (failure) => {
    const disk = memoryStorage()
    const open: string[] = []
    const storage = proxied(disk, {
      async open(path, mode) {
        const file = await disk.open(path, mode)
        open.push(path)
        const close = async () => {
          open.splice(open.indexOf(path), 1)
          await file.close()
        }
        return new Proxy(file, {
          get: (target, name) => {
            const found = name === 'close' ? close : Reflect.get(target, name)
            return typeof found === 'function' ? found.bind(target) : found
          },
        })
      },
    })
    const sink = collectingSink()
    sink.breakDown(failure)
    const run = await runPipeline(
      {
        sources: { src: { plugin: listSource(lines('{', '1'), lines('2', '[')).plugin } },
        channels: { buf: { plugin: fileChannel } },
        sinks: {
          files: { plugin: fileSink, codec: 'json', options: { path: '/out/all.ndjson' }, from: 'buf' },
          out: { plugin: sink.plugin, from: 'buf' },
        },
      },
      { storage },
    )
    await run.ended
    expect(open).toEqual([])
  })

  it('SIGTERM with a full channel and a slow, living sink ends with 0', async () => {
    let slow = true
    const sink = defineSink({
      type: 'slow',
      summary: 'Slow.',
      delivery: 'at-least-once',
      options: {},
      open: () => ({
        write: async () => {
          if (slow) await wait(20)
        },
      }),
    })
    const source = listSource(...Array.from({ length: 60 }, (_, n) => records({ n })), pause())
    const run = await runPipeline(
      {
        sources: { src: { plugin: source.plugin } },
        channels: { buf: { plugin: fileChannel, options: { max_records: 5 } } },
        sinks: { out: { plugin: sink } },
      },
      { shutdownTimeout: 10_000 },
    )
    await source.atPause()
    await wait(50)
    run.stop()
    slow = false
    expect(await run.ended).toMatchObject({ exitCode: 0 })
  })
  void collectingSink
})

it('flows that lead back to themselves through topics are refused: none of them could ever commit', async () => {
  const cwd = workFolder()
  const pipeline = (first: string) => `
name: circle
connections: { k: { type: kafka } }
sources:
  made: { type: faker, count: 10, fields: { n: { sequence: {} } } }
  x: { type: kafka, topics: x, until: end }
  y: { type: kafka, topics: y, until: end }
sinks:
  to-x: { type: kafka, from: ${first}, topic: x }
  to-y: { type: kafka, from: x, topic: y }
  out: { type: file, from: y, path: out.ndjson }
`
  writeFileSync(join(cwd, 'circle.yaml'), pipeline('[made, y]'))
  const { code, stderr } = await streamrun(['validate', 'circle.yaml'], { cwd })
  expect(code).toBe(78)
  for (const [place, name] of [
    ['6:3', 'x'],
    ['7:3', 'y'],
  ]) {
    expect(stderr).toContain(
      `SR_CHANNEL_BYPASSED circle.yaml:${place} sources.${name}: it reads the topic "${name}", which "to-${name}" writes in a flow that its own leads to`,
    )
  }
  writeFileSync(join(cwd, 'circle.yaml'), pipeline('made'))
  expect((await streamrun(['circle.yaml', '--quiet'], { cwd })).code).toBe(0)
  expect(readFileSync(join(cwd, 'out.ndjson'), 'utf8').split('\n')).toHaveLength(11)
})

it('a flow that shares more than the topic with the flow that writes it is refused: they would wait for each other', async () => {
  const cwd = workFolder()
  const pipeline = (out: string) => `
name: loop
connections: { k: { type: kafka } }
sources:
  made: { type: faker, count: 10, fields: { n: { sequence: {} } } }
  again: { type: kafka, topics: numbers, until: end }
sinks:
  numbers: { type: kafka, from: made, topic: numbers }
  out: { type: file, from: ${out}, path: out.ndjson }
`
  writeFileSync(join(cwd, 'loop.yaml'), pipeline('[made, again]'))
  const { code, stderr } = await streamrun(['validate', 'loop.yaml'], { cwd })
  expect(code).toBe(78)
  expect(stderr).toContain(
    'SR_CHANNEL_BYPASSED loop.yaml:6:3 sources.again: it reads the topic "numbers", which "numbers"',
  )
  writeFileSync(join(cwd, 'loop.yaml'), pipeline('again'))
  expect((await streamrun(['loop.yaml', '--quiet'], { cwd })).code).toBe(0)
  expect(readFileSync(join(cwd, 'out.ndjson'), 'utf8').split('\n')).toHaveLength(11)
})
