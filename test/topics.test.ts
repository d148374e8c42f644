import { expect, it } from 'vitest'
import { SharedThings } from '../engine/index.ts'
import { defineSource, makeRecord, recordsBatch, type StreamRecord } from '../engine/plugin.ts'
import type { Kafka } from '../plugins/shared/kafka/port.ts'
import { topicsOn } from '../plugins/shared/kafka/topics.fixture.ts'
import {
  type CollectingSink,
  collectingSink,
  type ListSource,
  listSource,
  manualClock,
  memoryStorage,
  pause,
  type RunSettings,
  records,
  runPipeline,
  type Step,
} from './contract/index.ts'
import { fillWithGaps } from './gaps.ts'
import { until } from './streamrun.ts'

const CONNECTION = 'connections: { shop: { type: kafka, topics_dir: /topics } }'

/** A pipeline that writes what a list says to the topic `events`. */
function writing(list: ListSource, options: string, settings: RunSettings) {
  const text = `name: writer
checkpoint: { interval: 10ms }
${CONNECTION}
sources: { in: { type: file-tail, path: /replaced } }
sinks: { out: { type: kafka, topic: events${options} } }`
  return runPipeline(text, { ...settings, replace: { in: { plugin: list.plugin } } })
}

/** A pipeline that collects what comes from the topic `events`. */
function reading(name: string, options: string, settings: RunSettings) {
  const sink = collectingSink()
  const text = `name: ${name}
checkpoint: { interval: 10ms }
${CONNECTION}
sources: { in: { type: kafka, topics: events${options} } }
sinks: { out: { type: file, path: /replaced } }`
  const run = runPipeline(text, { ...settings, folder: `/${name}`, replace: { out: { plugin: sink.plugin } } })
  return { sink, run }
}

/** Writes all of it and ends. */
async function write(steps: readonly Step[], options: string, settings: RunSettings): Promise<void> {
  const run = await writing(listSource(...steps), options, settings)
  expect(await run.ended).toMatchObject({ exitCode: 0 })
}

/** Without what another run has delivered, of which a sink knows no more than that it was there. */
function newIn({ values }: CollectingSink): readonly unknown[] {
  return values.filter((value) => value !== undefined)
}

/** Each time by another pipeline, in a group of its own unless `options` names one. */
async function readAll(options: string, settings: RunSettings) {
  readers += 1
  const { sink, run } = reading(`reader-${readers}`, `, until: end${options}`, settings)
  expect(await (await run).ended).toMatchObject({ exitCode: 0 })
  return sink
}

let readers = 0

const world = () => ({ storage: memoryStorage(), shared: new SharedThings() })

it('a record goes to the partition of its key, with the headers that the sink adds', async () => {
  const settings = world()
  const users = Array.from({ length: 30 }, (_, n) => ({ user: `u${n % 4}`, n }))
  await write([records(...users)], ', key: user, headers: { n: n, none: missing }, create: { partitions: 3 }', settings)
  const { records: read } = await readAll('', settings)
  expect(read.map(({ value }) => value).toSorted(byN)).toEqual(users)
  const partitions = new Map<string, Set<string>>()
  for (const { key, origin } of read) {
    const name = Buffer.from(key as Uint8Array).toString()
    partitions.set(name, (partitions.get(name) ?? new Set()).add(origin.partition))
  }
  expect([...partitions.values()].map(({ size }) => size)).toEqual([1, 1, 1, 1])
  const [first] = read.toSorted((a, b) => byN(a.value, b.value)) as [StreamRecord]
  expect(first.headers.map(({ name, value }) => [name, Buffer.from(value).toString()])).toEqual([['n', '0']])
})

it('a partition is chosen by an expression, and a record for one that is not there is a dead letter', async () => {
  const settings = world()
  const run = await writing(listSource(records(0, 1, 5, 1)), ', partition: $, create: { partitions: 2 }', settings)
  expect(await run.ended).toMatchObject({ exitCode: 0 })
  expect(await run.deadLetters()).toMatchObject([{ component: 'out', code: 'SR_RECORD_SHAPE', value: 5 }])
  const { records: read } = await readAll('', settings)
  expect(read.map(({ value, origin }) => [value, origin.partition]).toSorted()).toEqual([
    [0, 'events/0'],
    [1, 'events/1'],
    [1, 'events/1'],
  ])
})

it('a tombstone, a key of bytes and the time of a record pass through two topics as they are', async () => {
  const settings = world()
  const made = [
    { value: null, raw: null, key: Uint8Array.of(0, 255), timestamp: 5 },
    { value: { n: 1 }, key: 'text', timestamp: 6 },
    { value: null, raw: null, key: 'gone', timestamp: 7 },
  ].map((parts) => makeRecord({ ...parts, origin: { component: 'in', partition: 'list', position: null } }))
  const text = `name: twice
${CONNECTION}
sources:
  in: { type: file-tail, path: /replaced }
  first: { type: kafka, topics: first, until: end }
  second: { type: kafka, topics: second, until: end }
sinks:
  to-first: { type: kafka, from: in, topic: first }
  to-second: { type: kafka, from: first, topic: second }
  out: { type: file, from: second, path: /replaced }`
  const sink = collectingSink()
  const run = await runPipeline(text, {
    ...settings,
    replace: { in: { plugin: sourceOf(made) }, out: { plugin: sink.plugin } },
  })
  expect(await run.ended).toMatchObject({ exitCode: 0 })
  const bytes = (key: StreamRecord['key']) => (key === null ? null : Buffer.from(key).toString('hex'))
  expect(sink.records.map(({ value, raw, key, timestamp }) => [value, raw, bytes(key), timestamp])).toEqual([
    [null, null, '00ff', 5],
    [{ n: 1 }, Buffer.from('{"n":1}'), Buffer.from('text').toString('hex'), 6],
    [null, null, Buffer.from('gone').toString('hex'), 7],
  ])
})

it('`start` says where a group begins that has no position yet, and only then', async () => {
  const settings = world()
  await write([records(1, 2)], '', settings)
  expect((await readAll(', start: latest, group: late', settings)).values).toEqual([])
  expect((await readAll(', start: 2000-01-01T00:00:00Z, group: past', settings)).values).toEqual([1, 2])
  await write([records(1, 2), records(3)], '', settings)
  expect((await readAll(', start: earliest, group: late', settings)).values).toEqual([3])
})

it('a position that the topic does not hold stops the pipeline, unless it may be reset, which is counted', async () => {
  const settings = world()
  await write([records(1, 2)], '', settings)
  const kafka = await topicsOn(settings.storage)
  await commit(kafka, 'known', 99)
  const again = { ...settings, shared: new SharedThings() }
  const refused = await reading('other', ', until: end, group: known', again).run
  expect(await refused.ended).toMatchObject({ exitCode: 74, error: { code: 'SR_KAFKA_OFFSETS' } })
  const { run, sink } = reading('third', ', until: end, group: known, offset_reset: earliest', again)
  expect(await (await run).ended).toMatchObject({ exitCode: 0 })
  expect((await run).counts('in')).toMatchObject({ offset_resets: 1 })
  expect(sink.values).toEqual([1, 2])
})

it('what starts over reads from `start` on, wherever its group is, and once: the next run goes on', async () => {
  const settings = world()
  await write([records(1, 2)], '', settings)
  const readFresh = async (all: boolean) => {
    const { run, sink } = reading('reader', ', until: end', { ...settings, reset: { all, names: [] } })
    expect(await (await run).ended).toMatchObject({ exitCode: 0 })
    return newIn(sink)
  }
  expect(await readFresh(false)).toEqual([1, 2])
  expect(await readFresh(false)).toEqual([])
  expect(await readFresh(true)).toEqual([1, 2])
  expect(await readFresh(false)).toEqual([])
})

it('a position in a topic of that name that was made before is none, and stops the pipeline unless it may be reset', async () => {
  const settings = { ...world(), clock: manualClock() }
  const read = async (options: string) => {
    const { run, sink } = reading('reader', `, until: end${options}`, settings)
    return { ended: await (await run).ended, values: newIn(sink) }
  }
  await write([records(1, 2)], '', settings)
  expect(await read('')).toMatchObject({ ended: { exitCode: 0 }, values: [1, 2] })
  await (await topicsOn(settings.storage)).deleteTopic('events')
  settings.clock.advance(1)
  settings.shared = new SharedThings()
  const fresh = { ...settings, reset: { all: true, names: [] } }
  await write([records(3, 4, 5)], '', fresh)
  const message = 'in: the topic of events/0 was made anew after it was read up to offset 2'
  const refused = { exitCode: 74, error: { code: 'SR_KAFKA_OFFSETS', message } }
  expect(await read('')).toMatchObject({ ended: refused, values: [] })
  expect(await read(', offset_reset: earliest')).toMatchObject({ ended: { exitCode: 0 }, values: [3, 4, 5] })
})

it('gaps that compaction and aborted transactions have left are no loss: a reader gets to the end over them (KA-15)', async () => {
  const settings = world()
  const kafka = await topicsOn(settings.storage)
  const { committed, newest } = await fillWithGaps(kafka, 'events')
  const [range] = await kafka.offsets('events')
  const { values } = await readAll(', group: over-gaps', settings)
  const read = values.map((value) => JSON.stringify(value))
  expect(read).toEqual(committed.filter((value) => read.includes(value)))
  expect(read).toEqual(expect.arrayContaining([...newest]))
  expect(read.length).toBeLessThan(committed.length)
  const after = await topicsOn(settings.storage)
  expect(await after.committed('over-gaps', 'events')).toEqual([range?.latest])
})

it('a topic that is not there is waited for; one that is read to its end ends the pipeline with 66', async () => {
  const settings = world()
  const missing = await reading('finite', ', until: end', settings).run
  expect(await missing.ended).toMatchObject({ exitCode: 66, error: { code: 'SR_INPUT_MISSING' } })
  const { run, sink } = reading('patient', '', settings)
  const waiting = await run
  await write([records('there')], '', settings)
  await sink.until(({ values }) => values.length === 1)
  expect(waiting.log.filter(({ message }) => message.includes('there is no topic events'))).toHaveLength(1)
  waiting.stop()
  expect(await waiting.ended).toMatchObject({ exitCode: 0 })
})

it('pipelines of one group share the partitions, and hand them over without loss or doubles', async () => {
  const settings = world()
  const batches = Array.from({ length: 400 }, (_, batch) => Array.from({ length: 5 }, (_, n) => ({ n: batch * 5 + n })))
  const list = listSource(...batches.flatMap((batch) => [records(...batch), pause()]))
  const writer = await writing(list, ', key: $string(n), create: { partitions: 4 }', settings)
  const first = reading('first', ', group: shared', settings)
  const second = reading('second', ', group: shared', settings)
  const delivered = () => first.sink.values.length + second.sink.values.length
  const feedUntil = async (condition: () => boolean) => {
    while (!condition()) {
      await list.atPause()
      await until(() => delivered() === list.handedOver * 5)
      list.go()
    }
  }
  const [one, two] = [await first.run, await second.run]
  await feedUntil(() => first.sink.values.length >= 50 && second.sink.values.length >= 50)
  one.stop()
  expect(await one.ended).toMatchObject({ exitCode: 0 })
  await feedUntil(() => second.sink.values.length >= 200)
  writer.stop()
  expect(await writer.ended).toMatchObject({ exitCode: 0 })
  await until(() => delivered() === list.handedOver * 5)
  two.stop()
  expect(await two.ended).toMatchObject({ exitCode: 0 })
  const all = [...first.sink.values, ...second.sink.values].toSorted(byN)
  expect(all).toEqual(Array.from({ length: list.handedOver * 5 }, (_, n) => ({ n })))
})

it('a reader whose writer dies alone ends with a clear error, and the next start is exact', async () => {
  const settings = world()
  const list = listSource(records(1), records(2), pause(), records(3))
  const text = (interval: string) => `name: writer
checkpoint: { interval: ${interval} }
${CONNECTION}
sources: { in: { type: file-tail, path: /replaced } }
sinks: { out: { type: kafka, topic: events } }`
  const broken = listSource(records(1), records(2), pause(), { kind: 'fail', error: new Error('broken source') })
  const writer = await runPipeline(text('1h'), { ...settings, replace: { in: { plugin: broken.plugin } } })
  const { run, sink: seen } = reading('reader', '', settings)
  const reader = await run
  await seen.until(({ values }) => values.length === 2)
  broken.go()
  expect(await writer.ended).toMatchObject({ exitCode: 1 })
  expect(await reader.ended).toMatchObject({ exitCode: 74, error: { code: 'SR_KAFKA_OFFSETS' } })
  const later = { ...settings, shared: new SharedThings() }
  const again = await runPipeline(text('10ms'), { ...later, replace: { in: { plugin: list.plugin } } })
  const restarted = await reader.resume(later)
  list.go()
  expect(await again.ended).toMatchObject({ exitCode: 0 })
  await seen.until(({ committed }) => committed === 3)
  restarted.stop()
  await restarted.ended
  expect(seen.values).toEqual([1, 2, 3])
})

it('a reader that stops with a writer whose disk is full leaves what that takes back to the next start', async () => {
  const settings = world()
  const text = `name: writer
checkpoint: { interval: 1h }
${CONNECTION}
sources: { in: { type: file-tail, path: /replaced } }
sinks: { out: { type: kafka, topic: events } }`
  const list = listSource(records(1), records(2), pause())
  const writer = await runPipeline(text, { ...settings, replace: { in: { plugin: list.plugin } } })
  // On a disk of its own: it could commit.
  const { run, sink: seen } = reading('reader', '', { ...settings, storage: memoryStorage() })
  const reader = await run
  await seen.until(({ values }) => values.length === 2)
  settings.storage.setSpace(0)
  reader.stop()
  writer.stop()
  for (const stopped of [writer, reader]) {
    expect(await stopped.ended).toEqual({ exitCode: 0, error: undefined })
    expect(stopped.log.at(-1)?.message).toMatch('read again at the next start')
  }
  expect(reader.log.at(-1)?.message).toMatch('events/0 from 0 on are taken back')
  settings.storage.setSpace(Number.POSITIVE_INFINITY)
  const later = { ...settings, shared: new SharedThings() }
  const more = listSource(records(1), records(2), records(3))
  const again = await runPipeline(text, { ...later, replace: { in: { plugin: more.plugin } } })
  const restarted = await reader.resume({ shared: later.shared })
  expect(await again.ended).toMatchObject({ exitCode: 0 })
  await seen.until(({ committed }) => committed === 3)
  restarted.stop()
  await restarted.ended
  expect(seen.values).toEqual([1, 2, 3])
})

it('two writers of one embedded topic are refused, in one file and in two', async () => {
  const settings = world()
  const twice = `name: twice
${CONNECTION}
sources: { in: { type: file-tail, path: /in } }
sinks:
  one: { type: kafka, topic: events }
  two: { type: kafka, topic: events }`
  await expect(runPipeline(twice, settings)).rejects.toThrow('SR_TWO_WRITERS')
  const list = listSource(pause())
  const holder = await writing(list, '', settings)
  await list.atPause()
  const other = await runPipeline(twice.replace('twice', 'other').replace(/\n {2}two.*/, ''), {
    ...settings,
    folder: '/other',
    replace: { in: { plugin: listSource().plugin } },
  })
  expect(await other.ended).toMatchObject({ exitCode: 78, error: { code: 'SR_TWO_WRITERS' } })
  list.go()
  await holder.ended
})

/** As a member of the group would whose pipeline is not here. */
async function commit(kafka: Kafka, group: string, offset: number): Promise<void> {
  const consumer = await kafka.consumer({
    topics: ['events'],
    group,
    assigned: async (partitions) => partitions.map((place) => ({ ...place, offset: 0 })),
    revoked: async () => {},
    outOfRange: async (_, { earliest }) => earliest,
    signal: new AbortController().signal,
  })
  for await (const _ of consumer.records()) break
  await consumer.commit([{ topic: 'events', partition: 0, offset }])
  await consumer.close()
  await kafka.close()
}

function byN(a: unknown, b: unknown): number {
  return (a as { n: number }).n - (b as { n: number }).n
}

/** A source of these records, all in one batch. */
function sourceOf(made: readonly StreamRecord[]) {
  return defineSource<Record<never, never>, number>({
    type: 'made',
    summary: 'Reads what a test has made.',
    delivery: 'replayable',
    options: {},
    open: (_, context) => ({
      async *batches() {
        if ((await context.resume('list')) !== undefined) return
        yield { partition: 'list', records: recordsBatch(made), position: 1, caughtUp: true }
      },
    }),
  })
}
