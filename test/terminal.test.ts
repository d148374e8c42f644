import { spawn, spawnSync } from 'node:child_process'
import { appendFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FakeTerminal } from '../engine/cli/terminal.fixture.ts'
import { until, workFolder } from './streamrun.ts'

const MAIN = resolve('dist/bundle/streamrun.js')
const hasPython = spawnSync('python3', ['-c', 'import pty']).status === 0

/** Starts streamrun on a terminal of the kernel's, 70 by 12; what is typed goes to the terminal as from a keyboard. */
function onTerminal(args: readonly string[], cwd: string) {
  const program = 'import pty, os, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))'
  const sized = ['sh', '-c', 'stty cols 70 rows 12; exec "$0" "$@"', process.execPath, MAIN, ...args]
  const env = { ...process.env, TERM: 'xterm', CI: '', NO_COLOR: '1' }
  const child = spawn('python3', ['-c', program, ...sized], { cwd, env, stdio: ['pipe', 'pipe', 'inherit'] })
  const terminal = new FakeTerminal(70, 12)
  child.stdout.setEncoding('utf8').on('data', (text: string) => void terminal.write(text))
  const ended = new Promise<number | null>((end) => child.on('close', end))
  return { terminal, ended, type: (text: string) => child.stdin.write(text) }
}

function printingPipeline(): string {
  const cwd = workFolder()
  const source = 'in: { type: file-tail, path: in.log, poll: 20ms }'
  writeFileSync(join(cwd, 'print.yaml'), `sources:\n  ${source}\nsinks:\n  screen: { type: stdout }\n`)
  writeFileSync(join(cwd, 'in.log'), '{"n":0}\n')
  return cwd
}

const TITLES = /^ +in\/s +out\/s +total +waiting +failed$/

describe.skipIf(!hasPython)('on a real terminal (needs python3)', () => {
  it('the view stands below what is printed and logged, and is gone after Ctrl-C', async () => {
    const cwd = printingPipeline()
    const { terminal, ended, type } = onTerminal(['print.yaml'], cwd)
    for (let n = 1; n <= 20; n++) {
      await until(() => terminal.lines.includes(`{"n":${n - 1}}`) && terminal.lines.some((line) => TITLES.test(line)))
      appendFileSync(join(cwd, 'in.log'), `{"n":${n}}\n`)
    }
    await until(() => /^ {2}screen .* 21$/.test(terminal.lines.at(-1) ?? ''))
    expect(terminal.lines.at(-4)).toMatch(TITLES)
    type('\u0003')
    expect(await ended).toBe(0)
    const printed = Array.from({ length: 21 }, (_, n) => `{"n":${n}}`)
    expect(terminal.lines.filter((line) => line.startsWith('{'))).toEqual(printed)
    expect(terminal.lines.filter((line) => TITLES.test(line) || line.includes('^C'))).toEqual([])
    expect(terminal.lines.at(-1)).toBe('  screen  out 21')
    expect([terminal.cursor, terminal.wraps]).toEqual([[terminal.lines.length, 0], true])
  })
})
