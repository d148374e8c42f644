import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import type { Kafka } from '../../plugins/shared/kafka/port.ts'
import { valuesOf } from '../../plugins/shared/kafka/topics.fixture.ts'
import { type Ended, startStreamrun, streamrun, until, workFolder } from '../streamrun.ts'
import { clientOf } from './client.ts'

const RECORDS = 100_000
const KILLS = 4
const LINES = Array.from({ length: RECORDS }, (_, n) => `{"n":${n},"pad":"${'x'.repeat(n % 150)}"}`)

const WRITER = `name: writer
checkpoint: { interval: 50ms }
connections: { shop: { type: kafka, brokers: '\${KAFKA_BROKERS}' } }
sources: { in: { type: file-tail, path: in.ndjson, follow: false } }
sinks: { out: { type: kafka, topic: written, key: n, create: { partitions: 3 } } }
`

const READER = `name: reader
checkpoint: { interval: 50ms }
delivery: exactly-once
connections: { shop: { type: kafka, brokers: '\${KAFKA_BROKERS}', session_timeout: 6s } }
sources: { in: { type: kafka, topics: written, until: end } }
sinks: { out: { type: file, path: out.ndjson } }
`

describe.each(Object.entries(inject('brokers')))('Apache Kafka %s', (_, { plain }) => {
  it('a pipeline that is killed again and again loses nothing: into a topic some comes twice, out of it nothing does', async () => {
    const kafka = await clientOf(plain)
    const cwd = workFolder()
    writeFileSync(join(cwd, 'in.ndjson'), LINES.map((line) => `${line}\n`).join(''))
    writeFileSync(join(cwd, 'writer.yaml'), WRITER)
    writeFileSync(join(cwd, 'reader.yaml'), READER)
    const env = { KAFKA_BROKERS: plain }

    const written = await killAndRun('writer.yaml', { cwd, env }, RECORDS, () => countIn(kafka))
    expect(written.killed).toBeGreaterThan(0)
    const values = (await valuesOf(kafka, 'written')).flat()
    expect(new Set(values)).toEqual(new Set(LINES))
    // At most what was sent since the last checkpoint of each kill.
    expect(values.length - RECORDS).toBeLessThan(RECORDS / 2)

    const output = join(cwd, 'out.ndjson')
    const whole = values.reduce((sum, value) => sum + value.length + 1, 0)
    const size = async () => (existsSync(output) ? statSync(output).size : 0)
    const read = await killAndRun('reader.yaml', { cwd, env }, whole, size)
    expect(read.killed).toBeGreaterThan(0)
    expect(readFileSync(output, 'utf8').trimEnd().split('\n').sort()).toEqual(values.sort())
    await kafka.close()
  })
})

/** Kills it at some of the way, some times, and then lets it run to its end. */
async function killAndRun(
  file: string,
  options: Parameters<typeof streamrun>[1],
  whole: number,
  progress: () => Promise<number>,
): Promise<{ readonly killed: number; readonly last: Ended }> {
  let killed = 0
  for (let kill = 1; kill <= KILLS; kill++) {
    const { child, ended } = startStreamrun([file, '--quiet'], options)
    const enough = (whole * kill) / (KILLS + 1)
    await Promise.race([until(async () => (await progress()) >= enough || child.exitCode !== null), ended])
    child.kill('SIGKILL')
    const { signal, code, stderr } = await ended
    if (signal === 'SIGKILL') killed += 1
    else expect({ code, stderr }).toMatchObject({ code: 0 })
  }
  const last = await streamrun([file, '--quiet'], options)
  expect({ code: last.code, stderr: last.stderr }).toMatchObject({ code: 0 })
  return { killed, last }
}

/** None while the topic is not there. */
async function countIn(kafka: Kafka): Promise<number> {
  const ranges = await kafka.offsets('written').catch(() => [])
  return ranges.reduce((sum, { latest }) => sum + latest, 0)
}
