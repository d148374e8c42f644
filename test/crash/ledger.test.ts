import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../engine/random.ts'
import { filesIn, startStreamrun, until, workFolder } from '../streamrun.ts'

/**
 * RELIABILITY 4.4: the input is the ledger. A process is killed with SIGKILL again and again, while it works and while
 * it recovers; then it runs to its end, and its output must be byte for byte that of an undisturbed run.
 */
const RECORDS = Number(process.env.LEDGER_RECORDS ?? 60_000)
const KILLS = Number(process.env.LEDGER_KILLS ?? 16)
const SEED = Number(process.env.LEDGER_SEED ?? 7)

const PIPELINE = `name: ledger
checkpoint: { interval: 20ms }
sources:
  in: { type: file-tail, path: in.ndjson, follow: false }
channels:
  hop: { type: file, from: in, max_size: 1MiB, segment_size: 256KiB }
  slow: { type: memory, from: keep }
processors:
  keep: { type: filter, from: hop, where: shard != "none" }
sinks:
  shards: { type: file, from: keep, path: 'out/{shard}.ndjson' }
  all: { type: file, from: slow, path: out/all.ndjson }
`

const SHARDS = ['a', 'b', 'c', 'none']

function makeInput(): string[] {
  const random = seededRandom(SEED)
  return Array.from({ length: RECORDS }, (_, n) => {
    if (n % 5000 === 4999) return `{"n":${n},"broken`
    const shard = SHARDS[Math.floor(random.next() * SHARDS.length)]
    return `{"n":${n},"shard":"${shard}","pad":"${'x'.repeat(Math.floor(random.next() * 200))}"}`
  })
}

function expectedOutput(input: readonly string[]): Record<string, string> {
  const whole = input.filter((line) => line.endsWith('}'))
  const kept = whole.filter((line) => !line.includes('"shard":"none"'))
  const of = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('')
  const shard = (name: string) =>
    [`${name}.ndjson`, of(kept.filter((line) => line.includes(`"shard":"${name}"`)))] as const
  return Object.fromEntries([shard('a'), ['all.ndjson', of(kept)], shard('b'), shard('c')])
}

describe('file -> file channel -> files', () => {
  it('loses and doubles nothing when it is killed again and again, also during recovery', {
    timeout: 180_000,
  }, async () => {
    const cwd = workFolder()
    const input = makeInput()
    const expected = expectedOutput(input)
    writeFileSync(join(cwd, 'ledger.yaml'), PIPELINE)
    writeFileSync(join(cwd, 'in.ndjson'), input.map((line) => `${line}\n`).join(''))
    const random = seededRandom(SEED)
    const outputSize = () => (existsSync(join(cwd, 'out/all.ndjson')) ? statSync(join(cwd, 'out/all.ndjson')).size : 0)
    const whole = expected['all.ndjson']?.length ?? 0
    let killed = 0
    let killedInRecovery = 0
    for (let round = 1; round <= KILLS; round++) {
      // Odd rounds are killed at one of their first calls, which is in recovery; even ones when they have got further.
      const early = round % 2 === 1
      const env = early ? { KILL_AT: String(1 + Math.floor(random.next() * 40)) } : {}
      const { child, ended } = startStreamrun(['ledger.yaml', '--quiet'], {
        cwd,
        faulty: true,
        env: env as Record<string, string>,
      })
      if (!early) {
        const enough = (whole * round) / (KILLS + 1)
        await Promise.race([until(() => outputSize() >= enough || child.exitCode !== null), ended])
        child.kill('SIGKILL')
      }
      const { signal, code, stderr } = await ended
      if (signal === 'SIGKILL') killed += 1
      else expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      if (signal === 'SIGKILL' && early) killedInRecovery += 1
    }
    const { code, stderr } = await startStreamrun(['ledger.yaml', '--quiet'], { cwd }).ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const output = filesIn(join(cwd, 'out'))
    expect(Object.keys(output).sort()).toEqual(Object.keys(expected).sort())
    for (const [name, text] of Object.entries(expected)) expect(output[name] === text, name).toBe(true)
    const letters = readFileSync(join(cwd, '.streamrun/ledger/dead-letters/in-000001.ndjson'), 'utf8')
      .trim()
      .split('\n')
    const broken = input.filter((line) => !line.endsWith('}'))
    expect(letters.map((line) => JSON.parse(line).raw)).toEqual(broken)
    // A vacuous run proves nothing.
    expect(killed).toBeGreaterThanOrEqual(KILLS / 2)
    expect(killedInRecovery).toBeGreaterThanOrEqual(KILLS / 4)
  })
})
