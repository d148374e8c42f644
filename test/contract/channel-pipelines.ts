import { expect } from 'vitest'
import type { ChannelPlugin } from '../../engine/plugin.ts'
import memory from '../../plugins/channels/memory/index.ts'
import type { ChannelFixture } from './channel-suite.ts'
import { type Clause, clause } from './clause.ts'
import { type CollectingSink, collectingSink } from './collecting-sink.ts'
import type { Part } from './definition.ts'
import { abort, type ListSource, listSource, pause, records, type Step } from './list-source.ts'
import { type PipelineRun, runPipeline } from './run-pipeline.ts'
import { turns } from './specimens.ts'

/** What a pipeline with this channel between its source and its sink promises. */
export function channelPipelineClauses(fixture: ChannelFixture): Clause[] {
  return [
    clause('delivers everything in order in a pipeline, and ends with its source', async () => {
      const { list, sink, run } = await piped(fixture, [records(1, 2), records(3)])
      expect(await run.ended).toMatchObject({ exitCode: 0 })
      expect(sink.values).toEqual([1, 2, 3])
      expect(list.committed).toBe(2)
    }),
    clause('loses and doubles nothing in a pipeline that is killed again and again', async () => {
      const steps = [records(1, 2), pause(), records(3), abort(), records(4), abort(), records(5, 6)]
      const { list, sink, run } = await piped(fixture, steps)
      await sink.until(({ committed }) => committed === 2)
      list.go()
      expect(await lastLife(run, list)).toMatchObject({ exitCode: 0 })
      expect(sink.values).toEqual([1, 2, 3, 4, 5, 6])
    }),
    clause('makes its source wait when its sink has no room, and goes on from there', async () => {
      const steps = Array.from({ length: 300 }, (_, number) => records(`record ${number}`))
      const { list, sink, run } = await piped(fixture, steps, fixture.small, (made) => made.fill())
      await turns(500)
      expect(list.handedOver).toBeLessThan(200)
      sink.makeRoom()
      expect(await run.ended).toMatchObject({ exitCode: 0 })
      expect(sink.values).toEqual(Array.from({ length: 300 }, (_, number) => `record ${number}`))
    }),
  ]
}

/** Source, a narrow memory channel, the channel under test, sink. */
async function piped(
  { plugin, options }: ChannelFixture,
  steps: readonly Step[],
  chosen: Part<ChannelPlugin>['options'] = options,
  prepare: (sink: CollectingSink) => void = () => {},
) {
  const list = listSource(...steps)
  const sink = collectingSink()
  prepare(sink)
  const front = { plugin: memory, options: { max_records: 5 } }
  const buffer = { plugin, from: 'front', ...(chosen === undefined ? {} : { options: chosen }) }
  const run = await runPipeline({ sources: { in: list }, channels: { front, buffer }, sinks: { out: sink } })
  return { list, sink, run }
}

/** How the last of its lives ended. A pause that is read again is passed again. */
async function lastLife(first: PipelineRun, list: ListSource): Promise<unknown> {
  let run = first
  while ((await run.ended) === 'killed') {
    run = await run.resume()
    list.go()
  }
  return run.ended
}
