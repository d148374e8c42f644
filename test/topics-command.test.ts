import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeTopics, sendRecords } from './disk-topics.ts'
import { startStreamrun, streamrun, until, workFolder } from './streamrun.ts'

/** A folder with a pipeline from `in.log` to the topic `events` of two partitions, and one that reads that as `shop`. */
function shopFolder(): string {
  const cwd = workFolder()
  const head = (name: string) => `name: ${name}\ncheckpoint: { interval: 20ms }\nconnections: { k: { type: kafka } }\n`
  writeFileSync(
    join(cwd, 'write.yaml'),
    `${head('write')}sources: { in: { type: file-tail, path: in.log } }
sinks: { out: { type: kafka, topic: events, partition: n % 2, create: { partitions: 2 } } }`,
  )
  writeFileSync(
    join(cwd, 'read.yaml'),
    `${head('read')}sources: { in: { type: kafka, topics: events, group: shop, until: end } }
sinks: { out: { type: file, path: out.log } }`,
  )
  append(cwd, 0, 10)
  return cwd
}

function append(cwd: string, from: number, count: number): void {
  appendFileSync(join(cwd, 'in.log'), Array.from({ length: count }, (_, n) => `{"n":${from + n}}\n`).join(''))
}

async function asData(cwd: string, ...args: string[]) {
  const { code, stdout, stderr } = await streamrun(['topics', ...args, '--json'], { cwd })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

/** While the pipeline that writes to `events` runs and holds the topics. */
async function whileWriting(cwd: string, records: number, look: () => Promise<void>): Promise<void> {
  const { child, ended } = startStreamrun(['write.yaml'], { cwd })
  await until(async () => {
    const { stdout } = await streamrun(['topics', '--json'], { cwd })
    return stdout.includes(`"records": ${records}`)
  })
  await look()
  expect(child.exitCode).toBe(null)
  child.kill('SIGTERM')
  expect((await ended).code).toBe(0)
}

it('topics shows what a running pipeline has committed, which holds them and does not notice', async () => {
  const cwd = shopFolder()
  await whileWriting(cwd, 10, async () => {
    expect(await asData(cwd)).toEqual([{ name: 'events', partitions: 2, records: 10 }])
    const { stdout } = await streamrun(['topics', 'describe', 'events'], { cwd })
    expect(stdout).toBe(`events: 10 records, replication factor 1

partition  earliest  latest  records
        0         0       5        5
        1         0       5        5
`)
  })
})

it('lag says what each group has committed and has yet to read, of all groups, one, or one topic', async () => {
  const cwd = shopFolder()
  await whileWriting(cwd, 10, async () => {})
  expect((await streamrun(['read.yaml'], { cwd })).code).toBe(0)
  append(cwd, 10, 3)
  await whileWriting(cwd, 13, async () => {
    const part = (partition: number, latest: number) => ({ partition, committed: 5, latest, lag: latest - 5 })
    const lags = [part(0, 7), part(1, 6)].map((lag) => ({ group: 'shop', topic: 'events', ...lag }))
    expect(await asData(cwd, 'lag')).toEqual(lags)
    expect(await asData(cwd, 'lag', 'shop', '--topic', 'events')).toEqual(lags)
    expect((await asData(cwd, 'describe', 'events')).groups).toEqual([{ group: 'shop', lag: 3 }])
    const { stdout } = await streamrun(['topics', 'lag', 'shop'], { cwd })
    expect(stdout).toBe(`group  topic   partition  committed  latest  lag
shop   events          0          5       7    2
shop   events          1          5       6    1
`)
  })
})

it('offsets finds the first record of each partition that is not older than a time', async () => {
  const cwd = workFolder()
  await makeTopics(cwd, async (kafka) => {
    await kafka.createTopic('events', { partitions: 2 })
    const days = [1, 2, 3].map((day) => ({ timestamp: Date.UTC(2026, 0, day) }))
    await sendRecords(kafka, 'events', 0, days)
    await sendRecords(kafka, 'events', 1, days.slice(0, 1))
  })
  expect(await asData(cwd, 'offsets', 'events')).toEqual([
    { partition: 0, earliest: 0, latest: 3 },
    { partition: 1, earliest: 0, latest: 1 },
  ])
  const { stdout } = await streamrun(['topics', 'offsets', 'events', '--at', '2026-01-01T12:00:00Z'], { cwd })
  expect(stdout).toBe(`partition  earliest  latest  at
        0         0       3   1
        1         0       1   1
`)
})

it('without topics it says so, and makes no folder', async () => {
  const cwd = workFolder()
  const { code, stdout, stderr } = await streamrun(['topics'], { cwd })
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  expect(stderr).toContain(`${join(cwd, '.streamrun/topics')}: there are no topics`)
  expect(existsSync(join(cwd, '.streamrun'))).toBe(false)
})

it('a folder that is named is meant, whatever $KAFKA_BROKERS says, which may be empty', async () => {
  const cwd = workFolder()
  await makeTopics(cwd, async (kafka) => {
    await kafka.createTopic('events', { partitions: 1 })
  })
  const named = ['topics', '--topics-dir', '.streamrun/topics']
  const brokers = { KAFKA_BROKERS: '127.0.0.1:1' }
  expect((await streamrun(named, { cwd, env: brokers })).stdout).toContain('events')
  expect((await streamrun(['topics', '--brokers', 'embedded'], { cwd, env: brokers })).stdout).toContain('events')
  expect((await streamrun(['topics'], { cwd, env: { KAFKA_BROKERS: '' } })).stdout).toContain('events')
})

it('a topic or a group that is not there ends with 66 and the name that may have been meant', async () => {
  const cwd = shopFolder()
  await whileWriting(cwd, 10, async () => {})
  await streamrun(['read.yaml'], { cwd })
  const commands = [
    ['topics', 'describe', 'evnets'],
    ['topics', 'offsets', 'evnets'],
    ['topics', 'lag', '--topic', 'evnets'],
    ['read', 'evnets'],
  ]
  for (const args of commands) {
    const { code, stderr } = await streamrun(args, { cwd })
    expect([args, code]).toEqual([args, 66])
    expect(stderr).toContain('SR_INPUT_MISSING')
    expect(stderr).toContain('there is no topic evnets; did you mean "events"?')
  }
  const { code, stderr } = await streamrun(['topics', 'lag', 'shpo'], { cwd })
  expect(code).toBe(66)
  expect(stderr).toContain('there is no group shpo; did you mean "shop"?')
})

it('brokers that nobody can reach end it with 69', async () => {
  const { code, stderr } = await streamrun(['topics'], { cwd: workFolder(), env: { KAFKA_BROKERS: '127.0.0.1:1' } })
  expect(code).toBe(69)
  expect(stderr).toContain('SR_KAFKA_UNAVAILABLE')
})

it.each([
  [['topics', 'events'], 'streamrun topics describe events'],
  [['topics', '--json', 'lag'], 'streamrun topics lag ...'],
  [['topics', '--brokers', 'kafka-1'], 'must be `embedded`, or `host:port`'],
  [['topics', 'describe'], "missing required argument 'topic'"],
  [['topics', 'offsets', 'events', '--at', 'yesterday'], 'a time with a zone'],
  [['topics', '--brokers', ''], 'it is empty'],
  [['topics', '--brokers', 'kafka-1:9092', '--topics-dir', 'here'], '--topics-dir is for embedded topics'],
  [['read'], "missing required argument 'topic'"],
  [['read', 'events', '--from', 'noon'], 'write earliest, latest, an offset, -N, or a time with a zone'],
  [['read', 'events', '--limit', '0'], 'a whole number from 1 on'],
  [['read', 'events', '--where', 'n ='], '  n =\n'],
])('%j is a usage error that says what is wrong', async (args, message) => {
  const { code, stderr } = await streamrun(args, { cwd: workFolder() })
  expect(code).toBe(64)
  expect(stderr).toContain(message)
})

it('--pipeline takes the connection of a pipeline, and says which ones there are where there are several', async () => {
  const cwd = workFolder()
  await makeTopics(join(cwd, 'elsewhere'), async (kafka) => {
    await kafka.createTopic('events', { partitions: 1 })
    await sendRecords(kafka, 'events', 0, [{ value: Buffer.from('{"n":1}') }])
  })
  const shop = (others: string) => `name: shop
connections: { k: { type: kafka, topics_dir: elsewhere/.streamrun/topics }${others} }
sources: { in: { type: kafka, connection: k, topics: events } }
sinks: { out: { type: stdout } }`
  writeFileSync(join(cwd, 'one.yaml'), shop(''))
  writeFileSync(join(cwd, 'two.yaml'), shop(', spare: { type: kafka }'))
  writeFileSync(join(cwd, 'faulty.yaml'), shop(', spare: { type: kafka, broker: x }'))
  writeFileSync(
    join(cwd, 'none.yaml'),
    'name: none\nsources: { in: { type: csv, path: a } }\nsinks: { out: { type: stdout } }',
  )
  const topics = [{ name: 'events', partitions: 1, records: 1 }]
  expect(await asData(cwd, 'list', '--pipeline', 'one.yaml')).toEqual(topics)
  expect(await asData(cwd, 'list', '--pipeline', 'two.yaml', '--connection', 'k')).toEqual(topics)
  const { stdout } = await streamrun(['read', 'events', '--pipeline', 'one.yaml'], { cwd })
  expect(JSON.parse(stdout)).toMatchObject({ value: { n: 1 } })
  const refused = async (...args: string[]) => {
    const { code, stderr } = await streamrun(['topics', ...args], { cwd })
    return `${code} ${stderr.trim()}`
  }
  expect(await refused('--pipeline', 'two.yaml')).toBe('64 SR_USAGE two.yaml: say --connection, one of k, spare')
  expect(await refused('--pipeline', 'two.yaml', '--connection', 'spar')).toBe(
    '64 SR_USAGE two.yaml has no connection "spar" of type kafka; did you mean "spare"?',
  )
  expect(await refused('--pipeline', 'none.yaml')).toBe('64 SR_USAGE none.yaml has no connection of type kafka')
  expect(await refused('--connection', 'k')).toContain('64 SR_USAGE --connection names one of a pipeline')
  expect(await refused('--pipeline', 'one.yaml', '--brokers', 'x:1')).toContain('64 SR_USAGE --pipeline says where')
  expect(await refused('--pipeline', 'faulty.yaml')).toContain('78 SR_UNKNOWN_KEY faulty.yaml:2:')
})

it('graph and validate show by which key the partitions of a topic were chosen, and who says so', async () => {
  const cwd = workFolder()
  writeFileSync(
    join(cwd, 'keys.yaml'),
    `name: keys
connections: { k: { type: kafka } }
sources:
  log: { type: file-tail, path: in.log }
  said: { type: kafka, topics: [a, b], keyed_by: customer_id }
  known: { type: kafka, topics: c }
sinks:
  to-c: { type: kafka, from: log, topic: c, key: user_id }
  out: { type: stdout, from: [said, known] }`,
  )
  const graph = await streamrun(['graph', 'keys.yaml'], { cwd })
  expect(graph.stdout).toContain('source  said (kafka)     keyed by customer_id\n')
  expect(graph.stdout).toContain('source  known (kafka)    keyed by user_id (to-c)\n')
  const { stdout } = await streamrun(['validate', 'keys.yaml'], { cwd })
  expect(stdout).toContain('  said is keyed by customer_id\n  known is keyed by user_id\n')
  const json = JSON.parse((await streamrun(['graph', 'keys.yaml', '--json'], { cwd })).stdout)
  expect(json[0].components[1]).toMatchObject({ name: 'said', keyed_by: 'customer_id' })
})
