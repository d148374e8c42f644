import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../engine/random.ts'
import { diskStorage } from '../../engine/storage.ts'
import file from '../../plugins/channels/file/index.ts'
import memory from '../../plugins/channels/memory/index.ts'
import filter from '../../plugins/processors/filter/index.ts'
import {
  abort,
  collectingSink,
  end,
  fail,
  lines,
  listSource,
  manualClock,
  memoryStorage,
  type PipelineRun,
  pause,
  records,
  runPipeline,
  unreadable,
} from './index.ts'

const DONE = { exitCode: 0, error: undefined }

describe('a pipeline from a list to a collecting sink', () => {
  it('delivers every record in order, and ends when the list does', async () => {
    const sink = collectingSink()
    const run = await runPipeline({ sources: { in: listSource(records(1, 2), records(3)) }, sinks: { out: sink } })
    expect(await run.ended).toEqual(DONE)
    expect(sink.values).toEqual([1, 2, 3])
    expect(sink.committed).toBe(3)
    expect(run.counts('out')).toEqual({ out: 3 })
  })

  it('counts what comes into a channel on disk, and what goes on from there', async () => {
    const sink = collectingSink()
    sink.fill()
    const list = listSource(records(1, 2), records(3, 4), pause(), records(5, 6))
    const buffer = { plugin: file, options: { max_records: 4, when_full: 'drop-newest' } }
    const run = await runPipeline({ sources: { in: list }, channels: { buffer }, sinks: { out: sink } })
    await list.atPause()
    list.go()
    while (run.counts('buffer').dropped === undefined) await new Promise((again) => setImmediate(again))
    sink.makeRoom()
    expect(await run.ended).toEqual(DONE)
    expect(sink.values).toEqual([1, 2, 3, 4])
    expect(run.counts('buffer')).toMatchObject({ in: 6, out: 4, dropped: 2 })
  })

  it('decodes lines, dead-letters the broken ones, and keeps the bytes of the others', async () => {
    const sink = collectingSink({ codec: 'json' })
    const list = listSource(lines('{"price": 1.10}', 'broken'), unreadable('too long'), lines('[2]'))
    const run = await runPipeline({ sources: { in: list }, sinks: { out: sink } })
    expect(await run.ended).toEqual(DONE)
    expect(sink.texts).toEqual(['{"price": 1.10}', '[2]'])
    expect(sink.values).toEqual([{ price: 1.1 }, [2]])
    expect(await run.deadLetters()).toMatchObject([
      { component: 'in', code: 'SR_JSON_INVALID', raw: 'broken', position: { offset: 16, line: 2 } },
      { component: 'in', code: 'SR_LINE_TOO_LONG', raw: 'too long' },
    ])
  })

  it('is wired as a file would be', async () => {
    const [all, large] = [collectingSink(), collectingSink()]
    const run = await runPipeline({
      sources: { in: listSource(records(1, 7, 9)) },
      channels: { buffer: { plugin: memory } },
      processors: { 'large-only': { plugin: filter, options: { where: '$ > 5' } } },
      sinks: { all: { plugin: all.plugin, from: 'buffer' }, large },
    })
    expect(await run.ended).toEqual(DONE)
    expect([all.values, large.values]).toEqual([
      [1, 7, 9],
      [7, 9],
    ])
  })

  it('refuses wiring that a file would be refused for', async () => {
    const spec = { sources: { in: listSource() }, sinks: { out: { plugin: collectingSink().plugin, from: 'inn' } } }
    await expect(runPipeline(spec)).rejects.toThrow('SR_UNKNOWN_INPUT out: there is no component "inn"')
  })

  it('runs the text of a pipeline file, with other plugins in place of some of its components', async () => {
    const sink = collectingSink({ codec: 'json' })
    const yaml = 'sources: { in: { type: testing-list, codec: lines } }\nsinks: { out: { type: testing-collect } }'
    const plugins = [listSource(lines('a')).plugin, collectingSink().plugin]
    const run = await runPipeline(yaml, { plugins, replace: { out: sink } })
    expect(await run.ended).toEqual(DONE)
    expect(sink.texts).toEqual(['"a"'])
  })

  it('shows the faults of the text', async () => {
    await expect(runPipeline('sources: {}\nsinks: {}\nsinkz: {}')).rejects.toThrow(/SR_UNKNOWN_KEY .*pipeline.yaml:3/)
  })
})

describe('a list', () => {
  it('waits at a pause until it may go on', async () => {
    const sink = collectingSink()
    const list = listSource(records('a'), pause(), records('b'))
    const run = await runPipeline({ sources: { in: list }, sinks: { out: sink } })
    await list.atPause()
    await sink.until(({ values, committed }) => values.length === 1 && committed === 1)
    list.go()
    expect(await run.ended).toEqual(DONE)
    expect(sink.values).toEqual(['a', 'b'])
  })

  it('ends at a pause when the pipeline is stopped, and the next run reads on', async () => {
    const sink = collectingSink()
    const list = listSource(records('a'), pause(), records('b'))
    const run = await runPipeline({ sources: { in: list }, sinks: { out: sink } })
    await list.atPause()
    run.stop()
    expect(await run.ended).toEqual(DONE)
    expect(sink.values).toEqual(['a'])
    const again = await run.resume()
    list.go()
    expect(await again.ended).toEqual(DONE)
    expect(sink.values).toEqual(['a', 'b'])
  })

  it('has several ends of input, one for each run', async () => {
    const sink = collectingSink()
    const run = await runPipeline({ sources: { in: listSource(records(1), end(), records(2)) }, sinks: { out: sink } })
    await run.ended
    expect(sink.values).toEqual([1])
    await (await run.resume()).ended
    expect(sink.values).toEqual([1, 2])
  })

  it('fails once, which stops the pipeline with what was thrown', async () => {
    const list = listSource(records(1), fail(new Error('no more')), records(2))
    const sink = collectingSink()
    const run = await runPipeline({ sources: { in: list }, sinks: { out: sink } })
    expect(await run.ended).toMatchObject({ exitCode: 1, error: { message: 'in: no more' } })
    expect(await (await run.resume()).ended).toEqual(DONE)
    expect(sink.values).toEqual([1, 2])
  })

  it.each([false, true])(
    'kills the process at an abort, and nothing is lost or doubled (power cut: %s)',
    async (cut) => {
      const sink = collectingSink()
      const storage = memoryStorage()
      const list = listSource(records(1), pause(), records(2), abort(), records(3), abort(), records(4))
      const spec = { sources: { in: list }, sinks: { out: sink } }
      let run: PipelineRun = await runPipeline(spec, { storage })
      await sink.until(({ committed }) => committed === 1)
      list.go()
      for (let lives = 1; (await run.ended) === 'killed'; lives++) {
        expect(lives).toBeLessThan(4)
        list.go()
        const settings = cut ? { storage: (run.storage as typeof storage).crash(seededRandom(lives)) } : {}
        run = await run.resume(settings)
      }
      expect(sink.values).toEqual([1, 2, 3, 4])
    },
  )
})

describe('a collecting sink', () => {
  it('refuses records for themselves: they are dead letters, the others stay', async () => {
    const sink = collectingSink()
    sink.refuse((value) => value === 2)
    const run = await runPipeline({ sources: { in: listSource(records(1, 2, 3)) }, sinks: { out: sink } })
    expect(await run.ended).toEqual(DONE)
    expect(sink.values).toEqual([1, 3])
    expect(await run.deadLetters()).toMatchObject([{ component: 'out', code: 'SR_REJECTED', value: 2 }])
  })

  it('fails the next writes with what may pass: they are tried again', async () => {
    const sink = collectingSink()
    sink.failNext(3, 'the broker is away')
    const run = await runPipeline({ sources: { in: listSource(records(1, 2)) }, sinks: { out: sink } })
    expect(await run.ended).toEqual(DONE)
    expect(sink.values).toEqual([1, 2])
    expect(run.counts('out')).toEqual({ retries: 3, out: 2 })
    expect(run.log.map(({ message }) => message)).toContain('waiting: the broker is away')
  })

  it('fails for good: the pipeline stops, and the next run delivers what is missing', async () => {
    const sink = collectingSink()
    sink.breakDown(new Error('broken'))
    const run = await runPipeline({ sources: { in: listSource(records(1)) }, sinks: { out: sink } })
    expect(await run.ended).toMatchObject({ exitCode: 1, error: { code: 'SR_PLUGIN_DEFECT' } })
    sink.breakDown(undefined)
    expect(await (await run.resume()).ended).toEqual(DONE)
    expect(sink.values).toEqual([1])
  })

  it('has no room until it is made: the source is not asked for more than the queue holds', async () => {
    const sink = collectingSink()
    sink.fill()
    const list = listSource(...Array.from({ length: 50 }, (_, n) => records(n)))
    const run = await runPipeline({
      sources: { in: list },
      channels: { buffer: { plugin: memory, options: { max_records: 5 } } },
      sinks: { out: sink },
    })
    while (list.handedOver < 5) await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setImmediate(resolve))
    expect(list.handedOver).toBeLessThan(8)
    expect(sink.values).toEqual([])
    sink.makeRoom()
    expect(await run.ended).toEqual(DONE)
    expect(sink.values).toHaveLength(50)
  })

  it('holds a flush: nothing is committed before it is done', async () => {
    const sink = collectingSink()
    sink.holdFlush()
    const list = listSource(records(1))
    const run = await runPipeline({ sources: { in: list }, sinks: { out: sink } })
    await sink.flushHeld()
    expect([sink.values, sink.committed, list.committed]).toEqual([[1], 0, 0])
    sink.finishFlush()
    expect(await run.ended).toEqual(DONE)
    expect([sink.committed, list.committed]).toEqual([1, 1])
  })

  it('shows records twice after a crash when it is at-least-once', async () => {
    const sink = collectingSink({ delivery: 'at-least-once' })
    const list = listSource(records(1), pause(), abort(), records(2))
    const run = await runPipeline({ sources: { in: list }, sinks: { out: sink }, checkpointInterval: 1_000_000 })
    await sink.until(({ values }) => values.length === 1)
    list.go()
    expect(await run.ended).toBe('killed')
    const again = await run.resume()
    list.go()
    expect(await again.ended).toEqual(DONE)
    expect(sink.values).toEqual([1, 1, 2])
  })
})

describe('a run', () => {
  it('moves by a manual clock', async () => {
    const clock = manualClock()
    const sink = collectingSink()
    const list = listSource(records(1), pause())
    const spec = { sources: { in: list }, sinks: { out: sink }, checkpointInterval: 1000 }
    const run = await runPipeline(spec, { clock })
    await sink.until(({ values }) => values.length === 1)
    clock.advance(999)
    expect(sink.committed).toBe(0)
    clock.advance(1)
    await sink.until(({ committed }) => committed === 1)
    list.go()
    expect(await run.ended).toEqual(DONE)
  })

  it('is killed and resumed on a real disk, in the same folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'streamrun-run-'))
    const sink = collectingSink()
    const list = listSource(records(1), pause(), records(2))
    const spec = { sources: { in: list }, sinks: { out: sink } }
    const run = await runPipeline(spec, { storage: diskStorage(), folder })
    await sink.until(({ committed }) => committed === 1)
    await run.kill()
    expect(await run.ended).toBe('killed')
    const again = await run.resume()
    list.go()
    expect(await again.ended).toEqual(DONE)
    expect(sink.values).toEqual([1, 2])
    await rm(folder, { recursive: true })
  })
})
