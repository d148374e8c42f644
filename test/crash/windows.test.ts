import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../engine/random.ts'
import { filesIn, startStreamrun, until, workFolder } from '../streamrun.ts'

/** RELIABILITY 2.5, WI-11 and WI-12: windows of a process that is killed with SIGKILL again and again. */
const RECORDS = Number(process.env.LEDGER_RECORDS ?? 20_000)
const KILLS = Number(process.env.LEDGER_KILLS ?? 8)
const SEED = Number(process.env.LEDGER_SEED ?? 7)

const PIPELINE = `name: windows
checkpoint: { interval: 20ms }
sources:
  in:
    type: file-tail
    path: in.ndjson
    follow: false
    timestamp: { from: at, format: epoch_ms, out_of_orderness: 2s }
processors:
  tumbling:
    type: window
    from: in
    every: 1s
    by: k
    lateness: 1s
    aggregate: { n: $count($), sum: $sum(price), users: $count($distinct(user)), p90: '$percentile(price, 90)' }
  sliding: { type: window, from: in, every: 3s, slide: 1s, aggregate: { n: $count($), top: '$top(user, 3)' } }
  session: { type: window, from: in, session: 250ms, by: user, aggregate: { n: $count($), last: 'price[-1]' } }
sinks:
  tumbled: { type: file, from: tumbling, path: out/tumbled.ndjson }
  slid: { type: file, from: sliding, path: out/slid.ndjson }
  sessions: { type: file, from: session, path: out/sessions.ndjson }
  late: { type: file, from: [tumbling.late, sliding.late, session.late], path: out/late.ndjson }
`

function makeInput(): string {
  const random = seededRandom(SEED)
  const lines = Array.from({ length: RECORDS }, (_, n) => {
    const late = random.next() < 0.001 ? 20_000 : 0
    const at = Date.parse('2026-01-01T00:00:00Z') + n * 5 - Math.floor(random.next() * 2_000) - late
    const price = Math.floor(random.next() * 100_000) / 100
    return `{"at":${at},"k":"k${Math.floor(random.next() * 50)}","user":"u${Math.floor(random.next() * 40)}","price":${price}}\n`
  })
  return lines.join('')
}

describe('windows from a file to files', () => {
  it('come out once and right when the process is killed again and again, also during recovery', {
    timeout: 180_000,
  }, async () => {
    const input = makeInput()
    const undisturbed = workFolderWith(input)
    expect(await startStreamrun(['windows.yaml', '--quiet'], { cwd: undisturbed }).ended).toMatchObject({
      code: 0,
      stderr: '',
    })
    const expected = filesIn(join(undisturbed, 'out'))
    const cwd = workFolderWith(input)
    const random = seededRandom(SEED)
    const whole = expected['tumbled.ndjson']?.length ?? 0
    const output = join(cwd, 'out/tumbled.ndjson')
    const size = () => (existsSync(output) ? statSync(output).size : 0)
    let killed = 0
    for (let round = 1; round <= KILLS; round++) {
      const early = round % 2 === 1
      const env: Record<string, string> = early ? { KILL_AT: String(1 + Math.floor(random.next() * 60)) } : {}
      const { child, ended } = startStreamrun(['windows.yaml', '--quiet'], { cwd, faulty: true, env })
      if (!early) {
        await Promise.race([until(() => size() >= (whole * round) / (KILLS + 1) || child.exitCode !== null), ended])
        child.kill('SIGKILL')
      }
      if ((await ended).signal === 'SIGKILL') killed += 1
    }
    expect(await startStreamrun(['windows.yaml', '--quiet'], { cwd }).ended).toMatchObject({ code: 0, stderr: '' })
    expect(filesIn(join(cwd, 'out'))).toEqual(expected)
    expect(expected['late.ndjson']?.length).toBeGreaterThan(0)
    expect(killed).toBeGreaterThanOrEqual(KILLS / 2)
  })
})

function workFolderWith(input: string): string {
  const cwd = workFolder()
  writeFileSync(join(cwd, 'windows.yaml'), PIPELINE)
  writeFileSync(join(cwd, 'in.ndjson'), input)
  return cwd
}
