import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, it } from 'vitest'
import { sendRecords } from '../disk-topics.ts'
import { startStreamrun, streamrun, until, workFolder } from '../streamrun.ts'
import { clientOf } from './client.ts'

const VERSIONS = Object.entries(inject('brokers'))

/** Six records in two partitions of a topic that is there already, and a pipeline that has read them as a group. */
async function topicReadBy(group: string, topic: string, address: string): Promise<string> {
  const kafka = await clientOf(address)
  // Its records are older than what a broker keeps by default.
  await kafka.createTopic(topic, { partitions: 2, retentionMs: 100 * 365 * 24 * 60 * 60 * 1000 })
  const record = (n: number) => ({ value: Buffer.from(`{"n":${n}}`), timestamp: Date.UTC(2026, 0, 1 + n) })
  await sendRecords(kafka, topic, 0, [0, 1, 2, 3].map(record))
  await sendRecords(kafka, topic, 1, [4].map(record))
  await sendRecords(kafka, topic, 1, [{ value: null, key: Buffer.from('gone') }])
  await kafka.close()
  const cwd = workFolder()
  writeFileSync(
    join(cwd, 'read.yaml'),
    `name: read
connections: { k: { type: kafka, brokers: '${address}' } }
sources: { in: { type: kafka, topics: ${topic}, group: ${group}, until: end } }
sinks: { out: { type: file, path: out.log } }`,
  )
  const { code, stderr } = await streamrun(['read.yaml'], { cwd })
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  return cwd
}

it.each(VERSIONS)(
  'topics shows those of Apache Kafka %s, their offsets and the lag of groups',
  async (_, { plain }) => {
    const cwd = await topicReadBy('look-topics-group', 'look-topics', plain)
    const env = { KAFKA_BROKERS: plain }
    const asData = async (...args: string[]) => {
      const { code, stdout, stderr } = await streamrun(['topics', ...args, '--json'], { cwd, env })
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      return JSON.parse(stdout)
    }
    expect(await asData('list')).toContainEqual({ name: 'look-topics', partitions: 2, records: 6 })
    expect(await asData('describe', 'look-topics')).toMatchObject({
      replication_factor: 1,
      partitions: [
        { earliest: 0, latest: 4, records: 4 },
        { earliest: 0, latest: 2, records: 2 },
      ],
      groups: [{ group: 'look-topics-group', lag: 0 }],
    })
    const kafka = await clientOf(plain)
    await sendRecords(kafka, 'look-topics', 0, [{ value: Buffer.from('7') }])
    await kafka.close()
    expect(await asData('lag', 'look-topics-group')).toMatchObject([
      { partition: 0, committed: 4, latest: 5, lag: 1 },
      { partition: 1, committed: 2, latest: 2, lag: 0 },
    ])
    expect(await asData('offsets', 'look-topics', '--at', '2026-01-03')).toMatchObject([{ at: 2 }, { at: 0 }])
  },
)

it.each(VERSIONS)('read shows the records of Apache Kafka %s to their end, or as they come', async (_, { plain }) => {
  const cwd = await topicReadBy('look-read-group', 'look-read', plain)
  const values = async (...args: string[]) => {
    const { code, stdout, stderr } = await streamrun(['read', 'look-read', '--brokers', plain, ...args], { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    return valuesIn(stdout)
  }
  expect(await values()).toEqual([0, 1, 2, 3, 4, 'tombstone gone'])
  expect(await values('--from', '-1')).toEqual([3, 'tombstone gone'])
  expect(await values('--from', '3')).toEqual([3])
  expect(await values('--where', 'n > 2')).toEqual([3, 4])
  expect(await values('--limit', '2')).toHaveLength(2)
  const { child, ended } = startStreamrun(['read', 'look-read', '--follow'], { cwd, env: { KAFKA_BROKERS: plain } })
  let seen = ''
  child.stdout?.on('data', (data) => {
    seen += data
  })
  await until(() => valuesIn(seen).length === 6)
  const kafka = await clientOf(plain)
  await sendRecords(kafka, 'look-read', 1, [{ value: Buffer.from('{"n":9}') }])
  await kafka.close()
  await until(() => valuesIn(seen).includes(9))
  child.kill('SIGINT')
  expect(await ended).toMatchObject({ code: 0, stderr: '' })
})

it.each(VERSIONS)('a topic that Apache Kafka %s does not have ends with 66, and is not made', async (_, { plain }) => {
  const cwd = workFolder()
  const args = ['no-such-topic', '--brokers', plain]
  expect((await streamrun(['read', ...args], { cwd })).code).toBe(66)
  expect((await streamrun(['topics', 'describe', ...args], { cwd })).code).toBe(66)
  expect((await streamrun(['topics', '--brokers', plain], { cwd })).stdout).not.toContain('no-such-topic')
})

/** In the order of the numbers, tombstones last. */
function valuesIn(stdout: string): (number | string)[] {
  const lines = stdout.split('\n').slice(0, -1)
  const values = lines.map((line) => JSON.parse(line)).map((line) => line.value?.n ?? `tombstone ${line.key}`)
  return values.sort((a, b) => String(a).localeCompare(String(b)))
}
