import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { filesIn, streamrun, workFolder } from './streamrun.ts'

/** Every example runs three ways, against the same expected output: DESIGN, STYLE 2.11. */
const EXAMPLES = readdirSync('examples').filter((name) => existsSync(join('examples', name, 'expected')))

/** How many kill points are tried per example: `KILL_POINTS=60 npx vitest run test/examples` for more of them. */
const KILL_POINTS = Number(process.env.KILL_POINTS ?? 8)

function outputOf(cwd: string, name: string) {
  return { output: filesIn(join(cwd, 'out', name)), deadLetters: deadLettersOf(cwd, name) }
}

/** All but the times and the folder, which differ from run to run. */
function deadLettersOf(cwd: string, name: string): unknown[] {
  const folder = join(cwd, '.streamrun', name, 'dead-letters')
  if (!existsSync(folder)) return []
  const lines = Object.values(filesIn(folder)).flatMap((text) => text.split('\n').filter(Boolean))
  return lines.map((line) => {
    const { time, timestamp, partition, ...letter } = JSON.parse(line)
    return { ...letter, dated: typeof time, partition: partition.replace(cwd, '') }
  })
}

describe.each(EXAMPLES)('examples/%s', (name) => {
  const file = `examples/${name}/pipeline.yaml`
  const expected = filesIn(join('examples', name, 'expected'))

  it('gives its expected output', async () => {
    const cwd = workFolder()
    const { code, stderr } = await streamrun([file], { cwd })
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    expect(outputOf(cwd, name).output).toEqual(expected)
  })

  it('gives nothing more when it runs again', async () => {
    const cwd = workFolder()
    for (let round = 0; round < 2; round++) await streamrun([file, '--quiet'], { cwd })
    expect(outputOf(cwd, name).output).toEqual(expected)
  })

  it('gives the same after kill -9 at any call that changes the disk', async () => {
    const whole = workFolder()
    const countTo = join(whole, 'calls')
    await streamrun([file, '--quiet'], { cwd: whole, faulty: true, env: { COUNT_TO: countTo } })
    const calls = Number(readFileSync(countTo, 'utf8'))
    const points = Array.from({ length: KILL_POINTS }, (_, n) => 1 + Math.floor((n * calls) / KILL_POINTS))
    const undisturbed = outputOf(whole, name)
    let killed = 0
    for (const [index, point] of points.entries()) {
      const cwd = workFolder()
      const env = { KILL_AT: String(point), KILL_WHEN: index % 2 === 0 ? 'before' : 'after' }
      const { signal } = await streamrun([file, '--quiet'], { cwd, faulty: true, env })
      if (signal === 'SIGKILL') killed += 1
      const { code, stderr } = await streamrun([file, '--quiet'], { cwd })
      expect({ point, env, code, stderr }).toEqual({ point, env, code: 0, stderr: '' })
      expect({ point, env, ...outputOf(cwd, name) }).toEqual({ point, env, ...undisturbed })
    }
    // The number of calls varies a little with the timing of checkpoints: the last points may lie behind the end.
    expect(killed).toBeGreaterThanOrEqual(KILL_POINTS - 2)
  })

  it('gives the same when one write in ten finds the disk full', async () => {
    const cwd = workFolder()
    const env = { FAIL_EVERY: '10', FAIL_UNDER: join(cwd, 'out') }
    const { code, stderr } = await streamrun([file], { cwd, faulty: true, env })
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    expect(stderr).toContain('waiting: disk full')
    expect(outputOf(cwd, name).output).toEqual(expected)
  })
})
