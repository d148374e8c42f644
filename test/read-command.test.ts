import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeTopics, sendRecords } from './disk-topics.ts'
import { startStreamrun, streamrun, until, workFolder } from './streamrun.ts'

/** A folder with the topic `events`: numbers from 0 on, one day apart, in two partitions. */
async function numbersFolder(...counts: readonly number[]): Promise<string> {
  const cwd = workFolder()
  await makeTopics(cwd, async (kafka) => {
    await kafka.createTopic('events', { partitions: counts.length })
    for (const [partition, count] of counts.entries()) {
      const numbers = Array.from({ length: count }, (_, n) => ({
        key: Buffer.from(`k${n % 2}`),
        value: Buffer.from(`{"n":${n}}`),
        timestamp: Date.UTC(2026, 0, 1 + n),
      }))
      if (count > 0) await sendRecords(kafka, 'events', partition, numbers)
    }
  })
  return cwd
}

/** `partition:n` of every record that is shown. */
function shown(stdout: string): string[] {
  const lines = stdout.split('\n').filter(Boolean)
  return lines.map((line) => JSON.parse(line)).map(({ partition, value }) => `${partition}:${value.n}`)
}

async function readEvents(cwd: string, ...args: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await streamrun(['read', 'events', ...args], { cwd })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return shown(stdout).sort()
}

it('a line shows everything of its record, and values that are not JSON, or not there, as what they are', async () => {
  const cwd = workFolder()
  const text = (value: string) => Buffer.from(value)
  await makeTopics(cwd, async (kafka) => {
    await kafka.createTopic('mixed', { partitions: 1 })
    await sendRecords(kafka, 'mixed', 0, [
      { key: text('a'), value: text('{"id": 9007199254740993, "price": 1.10}'), timestamp: 5 },
      { value: text('{\r\n  "two": "lines"\n}\n') },
      { value: text('null') },
      { value: null, key: Buffer.of(0, 255) },
      { value: text('plain "text"\nof two lines') },
      { value: Buffer.of(0xff, 0xfe) },
      { value: text('') },
      {
        value: text('1'),
        headers: [
          { name: 'h', value: text('x') },
          { name: 'h', value: Buffer.of(0xff) },
        ],
      },
    ])
  })
  const { code, stdout } = await streamrun(['read', 'mixed'], { cwd })
  expect(code).toBe(0)
  const line = (offset: number, key: string, headers: string, value: string) =>
    `{"topic":"mixed","partition":0,"offset":${offset},"timestamp":${offset === 0 ? 5 : 0},"key":${key},"headers":[${headers}],"value":${value}}\n`
  expect(stdout).toBe(
    [
      line(0, '"a"', '', '{"id": 9007199254740993, "price": 1.10}'),
      line(1, 'null', '', '{    "two": "lines" }'),
      line(2, 'null', '', 'null'),
      line(3, '"AP8=","key_encoding":"base64"', '', 'null,"tombstone":true'),
      line(4, 'null', '', '"plain \\"text\\"\\nof two lines","encoding":"text"'),
      line(5, 'null', '', '"//4=","encoding":"base64"'),
      line(6, 'null', '', '"","encoding":"text"'),
      line(7, 'null', '{"name":"h","value":"x"},{"name":"h","value":"/w==","encoding":"base64"}', '1'),
    ].join(''),
  )
})

it('--from begins at the earliest, an offset, the last N, a time, or the latest of each partition', async () => {
  const cwd = await numbersFolder(4, 2, 0)
  expect(await readEvents(cwd)).toEqual(['0:0', '0:1', '0:2', '0:3', '1:0', '1:1'])
  expect(await readEvents(cwd, '--from', '3')).toEqual(['0:3'])
  expect(await readEvents(cwd, '--from', '-1')).toEqual(['0:3', '1:1'])
  expect(await readEvents(cwd, '--from', '-9')).toHaveLength(6)
  expect(await readEvents(cwd, '--from', '2026-01-02')).toEqual(['0:1', '0:2', '0:3', '1:1'])
  expect(await readEvents(cwd, '--from', '2026-01-02T01:00:00+01:00')).toHaveLength(4)
  expect(await readEvents(cwd, '--from', 'latest')).toEqual([])
  expect(await readEvents(cwd, '--from', '1000')).toEqual([])
})

it('--where sees the value and its bindings, and --limit counts what is shown', async () => {
  const cwd = await numbersFolder(6, 3)
  expect(await readEvents(cwd, '--where', 'n > 4')).toEqual(['0:5'])
  expect(await readEvents(cwd, '--where', '$key = "k1" and $origin.partition = "events/1"')).toEqual(['1:1'])
  expect(await readEvents(cwd, '--where', '$timestamp >= $toMillis("2026-01-06T00:00:00Z")')).toEqual(['0:5'])
  expect(await readEvents(cwd, '--where', 'n = 2', '--limit', '1')).toHaveLength(1)
  expect(await readEvents(cwd, '--limit', '4')).toHaveLength(4)
})

it('a record on which --where fails is not shown, and counted in the end', async () => {
  const cwd = await numbersFolder(5)
  const args = ['read', 'events', '--where', 'n < 2 ? $uppercase(n) : n = 3']
  const { code, stdout, stderr } = await streamrun(args, { cwd })
  expect({ code, shown: shown(stdout) }).toEqual({ code: 0, shown: ['0:3'] })
  expect(stderr).toContain('--where failed on 2 records, which are not shown; the first: events/0 {"offset":0}')
  expect(stderr.split('\n')).toHaveLength(2)
})

it('while a pipeline writes, it ends at the end; with --follow it shows what comes until Ctrl-C, which is 0', async () => {
  const cwd = workFolder()
  writeFileSync(
    join(cwd, 'write.yaml'),
    `name: write
checkpoint: { interval: 20ms }
connections: { k: { type: kafka } }
sources: { in: { type: file-tail, path: in.log } }
sinks: { out: { type: kafka, topic: events } }`,
  )
  writeFileSync(join(cwd, 'in.log'), '{"n":0}\n{"n":1}\n')
  const writer = startStreamrun(['write.yaml'], { cwd })
  const read = () => streamrun(['read', 'events'], { cwd })
  await until(async () => shown((await read()).stdout).length === 2)
  const follower = startStreamrun(['read', 'events', '--follow'], { cwd })
  let seen = ''
  follower.child.stdout?.on('data', (data) => {
    seen += data
  })
  await until(() => shown(seen).length === 2)
  appendFileSync(join(cwd, 'in.log'), '{"n":2}\n')
  await until(() => shown(seen).length === 3)
  expect(shown((await read()).stdout)).toEqual(['0:0', '0:1', '0:2'])
  follower.child.kill('SIGINT')
  expect(await follower.ended).toMatchObject({ code: 0, stderr: '' })
  expect(writer.child.exitCode).toBe(null)
  writer.child.kill('SIGTERM')
  expect((await writer.ended).code).toBe(0)
})

it('--follow begins in an empty topic too, and ends after --limit records', async () => {
  const cwd = await numbersFolder(0)
  const { child, ended } = startStreamrun(['read', 'events', '--follow', '--from', 'latest', '--limit', '2'], { cwd })
  await makeTopics(cwd, async (kafka) => {
    const values = ['{"n":0}', '{"n":1}', '{"n":2}'].map((value) => ({ value: Buffer.from(value) }))
    while (child.exitCode === null) await sendRecords(kafka, 'events', 0, values)
  })
  const { code, stdout } = await ended
  expect({ code, lines: shown(stdout).length }).toEqual({ code: 0, lines: 2 })
})

it('a reader of the output that goes away ends it quietly with 0', async () => {
  const cwd = await numbersFolder(100_000)
  const { child, ended } = startStreamrun(['read', 'events'], { cwd })
  child.stdout?.once('data', () => child.stdout?.destroy())
  const { code, stderr, stdout } = await ended
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout.length).toBeLessThan(5_000_000)
})

it('a reader of the output that is slow gets everything', async () => {
  const cwd = await numbersFolder(50_000)
  const { child, ended } = startStreamrun(['read', 'events'], { cwd })
  let chunks = 0
  child.stdout?.on('data', () => {
    chunks += 1
    child.stdout?.pause()
    setImmediate(() => child.stdout?.resume())
  })
  const { code, stdout } = await ended
  expect({ code, lines: stdout.split('\n').length - 1, isCut: chunks > 1 }).toEqual({
    code: 0,
    lines: 50_000,
    isCut: true,
  })
})
