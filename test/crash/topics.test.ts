import { appendFileSync, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../engine/random.ts'
import { makeTopics } from '../disk-topics.ts'
import { filesIn, startStreamrun, workFolder } from '../streamrun.ts'

/**
 * RELIABILITY 4.4, for two pipelines of one process with a topic between them: killed at a random call that changes the
 * disk, again and again, in recovery and at work; then they run to their end, and the output must be exact.
 */
const RECORDS = Number(process.env.LEDGER_RECORDS ?? 32_000)
const KILLS = Number(process.env.LEDGER_KILLS ?? 32)
const SEED = Number(process.env.LEDGER_SEED ?? 11)
const KEYS = 7

const WRITER = `name: writer
delivery: exactly-once
checkpoint: { interval: 20ms }
connections: { shop: { type: kafka } }
sources: { in: { type: file-tail, path: in.ndjson, follow: false } }
sinks: { hop: { type: kafka, topic: hop, key: key, create: { partitions: 3 } } }
`

const READER = `name: reader
delivery: exactly-once
checkpoint: { interval: 20ms }
connections: { shop: { type: kafka } }
sources: { hop: { type: kafka, topics: hop, until: end } }
sinks: { out: { type: file, path: 'out/{$key}.ndjson' } }
`

const INPUT = makeInput()

describe('file -> embedded topic -> files, two pipelines of one process', () => {
  it('loses and doubles nothing when it is killed again and again, also during recovery', {
    timeout: 300_000,
  }, async () => {
    const cwd = preparedFolder()
    await killAgainAndAgain(cwd)
    for (const key of keys()) expect(outputOf(cwd, key)).toEqual(linesOf(key))
    expect(readdirSync(join(cwd, 'out')).sort()).toEqual(keys().map((key) => `${key}.ndjson`))
  })

  it('and where the topic is compacted meanwhile, only what is older than the newest of its key may be missing', {
    timeout: 300_000,
  }, async () => {
    const cwd = preparedFolder()
    await makeTopics(cwd, async (kafka) => {
      await kafka.createTopic('hop', { partitions: 3, cleanup: 'compact', retentionBytes: 512 * 1024 })
    })
    await killAgainAndAgain(cwd, KILLS / 2)
    let missing = 0
    for (const key of keys()) {
      const [output, input] = [outputOf(cwd, key), linesOf(key)]
      expect(output).toEqual(input.filter((line) => output.includes(line)))
      expect(output.at(-1)).toBe(input.at(-1))
      missing += input.length - output.length
    }
    const logs = readdirSync(join(cwd, '.streamrun/topics/hop'), { withFileTypes: true })
    const compacted = logs.filter(({ name }) => name.endsWith('.b'))
    expect(compacted.length).toBeGreaterThan(0)
    expect(missing).toBeLessThan(INPUT.length)
  })
})

/** Each life has more to do than the one before has left. */
async function killAgainAndAgain(cwd: string, kills = KILLS): Promise<void> {
  const random = seededRandom(SEED)
  let killed = 0
  let killedAtWork = 0
  for (let kill = 0; kill < kills; kill++) {
    appendFileSync(
      join(cwd, 'in.ndjson'),
      textOf(INPUT.slice((RECORDS / kills) * kill, (RECORDS / kills) * (kill + 1))),
    )
    const before = sizeOf(cwd)
    // Every other one in its first calls, which are recovery.
    const calls = kill % 2 === 0 ? 60 : 120
    const env = {
      KILL_AT: String(1 + Math.floor(random.next() * calls)),
      KILL_WHEN: kill % 3 === 0 ? 'before' : 'after',
    }
    const { code, signal, stderr } = await start(cwd, env).ended
    if (signal === 'SIGKILL') killed += 1
    else expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    if (signal === 'SIGKILL' && sizeOf(cwd) !== before) killedAtWork += 1
  }
  const { code, stderr } = await start(cwd, {}).ended
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  // A vacuous run proves nothing.
  expect({ killed, killedAtWork }).toEqual({ killed: atLeast(kills * 0.5), killedAtWork: atLeast(kills / 16) })
}

function atLeast(count: number) {
  return expect.toSatisfy((actual: number) => actual >= count, `at least ${count}`)
}

function start(cwd: string, env: Record<string, string>) {
  return startStreamrun(['writer.yaml', 'reader.yaml', '--quiet'], { cwd, env, faulty: true })
}

function preparedFolder(): string {
  const cwd = workFolder()
  writeFileSync(join(cwd, 'writer.yaml'), WRITER)
  writeFileSync(join(cwd, 'reader.yaml'), READER)
  return cwd
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}

function makeInput(): string[] {
  const random = seededRandom(SEED)
  return Array.from({ length: RECORDS }, (_, n) => {
    const key = Math.floor(random.next() * KEYS)
    return `{"n":${n},"key":"k${key}","pad":"${'x'.repeat(Math.floor(random.next() * 200))}"}`
  })
}

function keys(): string[] {
  return Array.from({ length: KEYS }, (_, key) => `k${key}`)
}

function linesOf(key: string): string[] {
  return INPUT.filter((line) => line.includes(`"key":"${key}"`))
}

function outputOf(cwd: string, key: string): string[] {
  return (filesIn(join(cwd, 'out'))[`${key}.ndjson`] ?? '').split('\n').slice(0, -1)
}

/** Of all output. */
function sizeOf(cwd: string): number {
  const out = join(cwd, 'out')
  if (!existsSync(out)) return 0
  return readdirSync(out).reduce((sum, name) => sum + statSync(join(out, name)).size, 0)
}
