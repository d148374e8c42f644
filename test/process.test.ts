import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startStreamrun, streamrun, until, workFolder } from './streamrun.ts'

/** A folder with a pipeline that copies `in.log` to `out.log`; `more` goes into its source, `sink` into its sink. */
function copyPipeline({ source = '', sink = '', top = '' } = {}): string {
  const cwd = workFolder()
  const yaml = `name: copy
checkpoint: { interval: 50ms }
${top}
sources:
  in: { type: file-tail, path: in.log${source} }
sinks:
  out: { type: file, path: out/copy.log${sink} }
`
  writeFileSync(join(cwd, 'copy.yaml'), yaml)
  return cwd
}

const read = (cwd: string, path: string) => (existsSync(join(cwd, path)) ? readFileSync(join(cwd, path), 'utf8') : '')

const deadLetters = (cwd: string) =>
  read(cwd, '.streamrun/copy/dead-letters/in-000001.ndjson')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

const lines = (count: number, from = 1) => Array.from({ length: count }, (_, n) => `{"n":${from + n}}\n`).join('')

describe('a run', () => {
  it('ends with 66 when an input that is read to its end is missing', async () => {
    const cwd = copyPipeline({ source: ', follow: false' })
    const { code, stderr } = await streamrun(['copy.yaml'], { cwd })
    expect(code).toBe(66)
    expect(stderr).toContain('SR_INPUT_MISSING')
    expect(stderr).toContain('in.log')
  })

  it('waits for a missing input that is followed, says so once, and reads it when it comes', async () => {
    const cwd = copyPipeline()
    const { child, ended } = startStreamrun(['copy.yaml'], { cwd })
    let said = ''
    child.stderr?.on('data', (data) => {
      said += data
    })
    await until(() => said.includes('in.log'))
    writeFileSync(join(cwd, 'in.log'), lines(3))
    await until(() => read(cwd, 'out/copy.log') === lines(3))
    child.kill('SIGTERM')
    const { code, stderr } = await ended
    expect(code).toBe(0)
    expect(stderr.split('\n').filter((line) => /waiting/i.test(line) && line.includes('in.log'))).toHaveLength(1)
  })

  it('says nothing of listeners, however many components it has', async () => {
    const cwd = workFolder()
    const readers = Array.from({ length: 12 }, (_, n) => `  r${n}: { type: kafka, topics: t, until: end }`).join('\n')
    const sinks = Array.from({ length: 12 }, (_, n) => `  s${n}: { type: file, from: r${n}, path: out/${n} }`).join(
      '\n',
    )
    const source = '  made: { type: faker, count: 3, fields: { n: { sequence: {} } } }'
    const topics = 'connections: { kafka: { type: kafka } }'
    writeFileSync(
      join(cwd, 'many.yaml'),
      `${topics}\nsources:\n${source}\n${readers}\nsinks:\n  t: { type: kafka, from: made, topic: t }\n${sinks}\n`,
    )
    const { code, stderr } = await streamrun(['many.yaml'], { cwd })
    expect({ code, warned: stderr.includes('Warning') }).toEqual({ code: 0, warned: false })
    for (let n = 0; n < 12; n++) expect(read(cwd, `out/${n}`)).toBe(lines(3))
  })

  it('makes a missing output folder and says so', async () => {
    const cwd = copyPipeline({ source: ', follow: false' })
    writeFileSync(join(cwd, 'in.log'), lines(1))
    const { code, stderr } = await streamrun(['copy.yaml'], { cwd })
    expect(code).toBe(0)
    expect(stderr).toMatch(/made .*out/)
  })

  it('ends with 73 when its output cannot be created', async () => {
    const cwd = copyPipeline({ source: ', follow: false' })
    writeFileSync(join(cwd, 'in.log'), lines(1))
    writeFileSync(join(cwd, 'out'), 'a file where a folder should be')
    const { code, stderr } = await streamrun(['copy.yaml'], { cwd })
    expect({ code, named: stderr.includes('SR_OUTPUT_CREATE') }).toEqual({ code: 73, named: true })
  })

  it('delivers the last record of a file that does not end with a newline', async () => {
    const cwd = copyPipeline({ source: ', follow: false' })
    writeFileSync(join(cwd, 'in.log'), '{"n":1}\n{"n":2}')
    await streamrun(['copy.yaml'], { cwd })
    expect(read(cwd, 'out/copy.log')).toBe('{"n":1}\n{"n":2}\n')
  })

  it('keeps the bytes of records that nobody changed', async () => {
    const cwd = copyPipeline({ source: ', follow: false' })
    const text = '{"price": 1.10, "id": 9007199254740993, "e": 1E+2, "s": "\\u00e9"}\n[ ]\n'
    writeFileSync(join(cwd, 'in.log'), text)
    await streamrun(['copy.yaml'], { cwd })
    expect(read(cwd, 'out/copy.log')).toBe(text)
  })

  it('keeps a malformed line with its place, and lets the rest flow', async () => {
    const cwd = copyPipeline({ source: ', follow: false' })
    writeFileSync(join(cwd, 'in.log'), '{"n":1}\n{"n":\n{"n":3}\n')
    const { code } = await streamrun(['copy.yaml'], { cwd })
    expect(code).toBe(0)
    expect(read(cwd, 'out/copy.log')).toBe('{"n":1}\n{"n":3}\n')
    const [letter] = deadLetters(cwd)
    expect(letter).toMatchObject({
      component: 'in',
      code: 'SR_JSON_INVALID',
      position: { offset: 8, line: 2 },
      raw: '{"n":',
    })
    expect(letter.partition).toContain('in.log')
  })

  it('keeps a line that is too long with its size, and reads on', async () => {
    const cwd = copyPipeline({ source: ', follow: false, max_line_bytes: 1KiB' })
    writeFileSync(join(cwd, 'in.log'), `{"n":1}\n"${'x'.repeat(3_000_000)}"\n{"n":3}\n`)
    const { code, stderr } = await streamrun(['copy.yaml'], { cwd })
    expect(code).toBe(0)
    expect(stderr).toContain('long_lines 1')
    expect(read(cwd, 'out/copy.log')).toBe('{"n":1}\n{"n":3}\n')
    expect(deadLetters(cwd)).toMatchObject([
      { code: 'SR_LINE_TOO_LONG', size: 3_000_002, position: { offset: 8, line: 2 } },
    ])
  })

  it('stops at the first rejected record with on_error: stop, and reads it again at the next start', async () => {
    const cwd = copyPipeline({ source: ', follow: false', top: 'on_error: stop' })
    writeFileSync(join(cwd, 'in.log'), '{"n":1}\nbroken\n')
    for (let start = 0; start < 2; start++) {
      const { code, stderr } = await streamrun(['copy.yaml'], { cwd })
      expect(code).toBe(70)
      expect(stderr).toContain('SR_ON_ERROR_STOP in: SR_JSON_INVALID')
      expect(stderr).toContain('line 2')
    }
    writeFileSync(join(cwd, 'in.log'), '{"n":1}\n"mende"\n')
    expect((await streamrun(['copy.yaml', '--fresh'], { cwd })).code).toBe(0)
    expect(read(cwd, 'out/copy.log')).toBe('{"n":1}\n"mende"\n')
  })

  it('counts what on_error: skip lets go', async () => {
    const cwd = copyPipeline({ source: ', follow: false', top: 'on_error: skip' })
    writeFileSync(join(cwd, 'in.log'), '{"n":1}\nbroken\n')
    const { code, stderr } = await streamrun(['copy.yaml'], { cwd })
    expect(code).toBe(0)
    expect(stderr).toContain('skipped 1')
    expect(existsSync(join(cwd, '.streamrun/copy/dead-letters'))).toBe(false)
  })

  it('stops when most of many records fail, instead of filling the disk with dead letters', async () => {
    const cwd = copyPipeline({ source: ', follow: false' })
    writeFileSync(join(cwd, 'in.log'), 'broken\n'.repeat(2000))
    const { code, stderr } = await streamrun(['copy.yaml'], { cwd })
    expect(code).toBe(70)
    expect(stderr).toContain('SR_BREAKER')
  })

  it('refuses a second process with the same state, naming the first, and leaves nothing stale after kill -9', async () => {
    const cwd = copyPipeline()
    writeFileSync(join(cwd, 'in.log'), lines(1))
    const { child, ended } = startStreamrun(['copy.yaml'], { cwd })
    await until(() => read(cwd, 'out/copy.log') !== '')
    const second = await streamrun(['copy.yaml'], { cwd })
    expect(second.code).toBe(75)
    expect(second.stderr).toContain(`process ${child.pid}`)
    child.kill('SIGKILL')
    await ended
    const third = startStreamrun(['copy.yaml'], { cwd })
    appendFileSync(join(cwd, 'in.log'), lines(1, 2))
    await until(() => read(cwd, 'out/copy.log') === lines(2))
    third.child.kill('SIGTERM')
    expect((await third.ended).code).toBe(0)
  })

  it('stands by while another process has the state, and goes on exactly where that was when it was killed', async () => {
    const cwd = copyPipeline()
    writeFileSync(join(cwd, 'in.log'), lines(1))
    const first = startStreamrun(['copy.yaml'], { cwd })
    await until(() => read(cwd, 'out/copy.log') !== '')
    const second = startStreamrun(['copy.yaml', '--standby'], { cwd })
    let said = ''
    second.child.stderr?.on('data', (data) => {
      said += data
    })
    await until(() => said.includes(`stands by: `))
    expect(said).toContain(`is in use by process ${first.child.pid}`)
    appendFileSync(join(cwd, 'in.log'), lines(1, 2))
    await until(() => read(cwd, 'out/copy.log') === lines(2))
    first.child.kill('SIGKILL')
    await first.ended
    appendFileSync(join(cwd, 'in.log'), lines(1, 3))
    await until(() => read(cwd, 'out/copy.log') === lines(3))
    const third = startStreamrun(['copy.yaml', '--standby'], { cwd })
    let other = ''
    third.child.stderr?.on('data', (data) => {
      other += data
    })
    await until(() => other.includes('stands by: '))
    third.child.kill('SIGTERM')
    expect((await third.ended).code).toBe(0)
    second.child.kill('SIGTERM')
    expect((await second.ended).code).toBe(0)
    expect(read(cwd, 'out/copy.log')).toBe(lines(3))
  })

  it('is refused when its state belongs to another definition, until that state is given up', async () => {
    const cwd = copyPipeline({ source: ', follow: false' })
    writeFileSync(join(cwd, 'in.log'), lines(2))
    await streamrun(['copy.yaml'], { cwd })
    writeFileSync(join(cwd, 'copy.yaml'), readFileSync(join(cwd, 'copy.yaml'), 'utf8').replace('  out:', '  output:'))
    const refused = await streamrun(['copy.yaml'], { cwd })
    expect(refused.code).toBe(75)
    expect(refused.stderr).toContain('--reset-state out')
    expect((await streamrun(['copy.yaml', '--reset-state', 'out'], { cwd })).code).toBe(0)
  })

  it('delivers what one pipeline and another read at the same time in one process', async () => {
    const cwd = copyPipeline({ source: ', follow: false' })
    const other = read(cwd, 'copy.yaml').replace('name: copy', 'name: other').replace('out/copy', 'out/other')
    writeFileSync(join(cwd, 'other.yaml'), other)
    writeFileSync(join(cwd, 'in.log'), lines(5))
    const { code } = await streamrun(['copy.yaml', 'other.yaml'], { cwd })
    expect(code).toBe(0)
    expect([read(cwd, 'out/copy.log'), read(cwd, 'out/other.log')]).toEqual([lines(5), lines(5)])
  })
})

describe('a full disk', () => {
  const full = (cwd: string, under: string) => ({
    cwd,
    faulty: true,
    env: { FULL_WHILE: join(cwd, 'full'), FULL_UNDER: join(cwd, under) },
  })

  it.each(['out', '.streamrun'])(
    'under %s makes the pipeline wait in one clear state and loses nothing',
    async (under) => {
      const cwd = copyPipeline()
      writeFileSync(join(cwd, 'in.log'), lines(1))
      const { child, ended } = startStreamrun(['copy.yaml'], full(cwd, under))
      await until(() => read(cwd, 'out/copy.log') === lines(1))
      writeFileSync(join(cwd, 'full'), '')
      let said = ''
      child.stderr?.on('data', (data) => {
        said += data
      })
      appendFileSync(join(cwd, 'in.log'), lines(1000, 2))
      await until(() => said.includes('disk full'))
      rmSync(join(cwd, 'full'))
      await until(() => said.includes('going on'))
      await until(() => read(cwd, 'out/copy.log') === lines(1001))
      child.kill('SIGTERM')
      const { code, stderr } = await ended
      expect(code).toBe(0)
      expect(stderr.split('\n').filter((line) => line.includes('disk full'))).toHaveLength(1)
    },
  )

  it('under the state folder does not hold up a shutdown, and the output is exact after the next start', async () => {
    const cwd = copyPipeline()
    writeFileSync(join(cwd, 'in.log'), lines(1))
    const { child, ended } = startStreamrun(['copy.yaml', '--shutdown-timeout', '1h'], full(cwd, '.streamrun'))
    await until(() => read(cwd, 'out/copy.log') === lines(1))
    writeFileSync(join(cwd, 'full'), '')
    let said = ''
    child.stderr?.on('data', (data) => {
      said += data
    })
    appendFileSync(join(cwd, 'in.log'), lines(9, 2))
    await until(() => said.includes('checkpoints cannot be written'))
    child.kill('SIGTERM')
    expect((await ended).code).toBe(0)
    writeFileSync(join(cwd, 'copy.yaml'), read(cwd, 'copy.yaml').replace('in.log', 'in.log, follow: false'))
    expect((await streamrun(['copy.yaml'], { cwd })).code).toBe(0)
    expect(read(cwd, 'out/copy.log')).toBe(lines(10))
  })

  it('does not hold up a shutdown, and what was not delivered comes at the next start', async () => {
    const cwd = copyPipeline()
    mkdirSync(join(cwd, 'out'))
    writeFileSync(join(cwd, 'full'), '')
    writeFileSync(join(cwd, 'in.log'), lines(10))
    const { child, ended } = startStreamrun(['copy.yaml'], full(cwd, 'out'))
    let said = ''
    child.stderr?.on('data', (data) => {
      said += data
    })
    await until(() => said.includes('disk full'))
    child.kill('SIGTERM')
    expect((await ended).code).toBe(0)
    expect(read(cwd, 'out/copy.log')).toBe('')
    writeFileSync(join(cwd, 'copy.yaml'), read(cwd, 'copy.yaml').replace('in.log', 'in.log, follow: false'))
    expect((await streamrun(['copy.yaml'], { cwd })).code).toBe(0)
    expect(read(cwd, 'out/copy.log')).toBe(lines(10))
  })
})

describe('signals', () => {
  /** A pipeline whose sink never takes its first batch: its standard output is a pipe that nobody reads. */
  function stuckPipeline(): string {
    const cwd = copyPipeline()
    writeFileSync(
      join(cwd, 'copy.yaml'),
      read(cwd, 'copy.yaml').replace('type: file, path: out/copy.log', 'type: stdout'),
    )
    // One batch of these is more than a pipe and its reader's buffer hold together.
    writeFileSync(join(cwd, 'in.log'), `"${'x'.repeat(1000)}"\n`.repeat(5000))
    return cwd
  }

  /** Starts it and waits until its output is stuck in the pipe. */
  async function startStuck(args: string[] = []) {
    const cwd = stuckPipeline()
    const running = startStreamrun(['copy.yaml', ...args], { cwd })
    running.child.stdout?.pause()
    await until(() => (running.child.stdout?.readableLength ?? 0) > 0)
    return running
  }

  it('end a pipeline at once when they come twice', async () => {
    const { child, ended } = await startStuck()
    let said = ''
    child.stderr?.on('data', (data) => {
      said += data
    })
    const exit = new Promise<number | null>((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await until(() => said.includes('SIGTERM: stopping'))
    child.kill('SIGINT')
    expect(await exit).toBe(130)
    child.stdout?.resume()
    await ended
  })

  it('end a pipeline that cannot drain after the shutdown timeout, with its own exit code', async () => {
    const { child, ended } = await startStuck(['--shutdown-timeout', '200ms'])
    const exit = new Promise<number | null>((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    expect(await exit).toBe(124)
    child.stdout?.resume()
    await ended
  })
})

describe('standard output', () => {
  it('that its reader closed ends the pipeline with 74, and the rest is delivered at the next start', async () => {
    const cwd = copyPipeline({ source: ', follow: false' })
    writeFileSync(
      join(cwd, 'copy.yaml'),
      read(cwd, 'copy.yaml').replace('type: file, path: out/copy.log', 'type: stdout'),
    )
    writeFileSync(join(cwd, 'in.log'), lines(200_000))
    const { child, ended } = startStreamrun(['copy.yaml'], { cwd })
    child.stdout?.destroy()
    const { code, stderr } = await ended
    expect(code).toBe(74)
    expect(stderr).toContain('SR_OUTPUT_CLOSED the reader of standard output closed it. Records that it did not take')
  })
})

describe('the command line', () => {
  it('says what is wrong with its usage and ends with 64', async () => {
    const cwd = workFolder()
    for (const args of [
      [],
      ['--nonsense', 'x.yaml'],
      ['run', 'x.yaml', '--shutdown-timeout', 'soon'],
      ['x.yaml', '--state-dir', ''],
    ]) {
      const { code, stderr } = await streamrun(args, { cwd })
      expect(code).toBe(64)
      expect(stderr).toContain('See `streamrun --help`.')
    }
  })

  it('takes no misspelt command for a file without a word', async () => {
    const { code, stderr } = await streamrun(['valdate', 'x.yaml'], { cwd: workFolder() })
    expect(code).toBe(78)
    expect(stderr).toContain('valdate:1:1 cannot be read: there is no such file; did you mean "validate"?')
  })

  it('reports faults as data with --json and ends with 78', async () => {
    const cwd = copyPipeline({ source: ', folow: true' })
    const { code, stdout } = await streamrun(['validate', '--json', 'copy.yaml'], { cwd })
    expect(code).toBe(78)
    expect(JSON.parse(stdout)).toMatchObject([{ file: 'copy.yaml', line: 5, hint: expect.stringContaining('follow') }])
  })

  it('refuses a file that is not UTF-8, whose paths would be others', async () => {
    const cwd = copyPipeline({ source: ', follow: false' })
    writeFileSync(join(cwd, 'latin.yaml'), Buffer.from('description: caf\xe9\n', 'latin1'))
    const { code, stderr } = await streamrun(['validate', 'latin.yaml'], { cwd })
    expect(code).toBe(78)
    expect(stderr).toContain('SR_DEFINITION_UNREADABLE latin.yaml:1:1 cannot be read: it is no UTF-8 text')
  })

  it('says what to do about a plugin that Node takes for CommonJS', async () => {
    const cwd = copyPipeline({ source: ', follow: false' })
    writeFileSync(join(cwd, 'package.json'), '{ "type": "commonjs" }')
    writeFileSync(join(cwd, 'mine.js'), 'export default {}')
    writeFileSync(join(cwd, 'copy.yaml'), `plugins: [./mine.js]\n${read(cwd, 'copy.yaml')}`)
    const { code, stderr } = await streamrun(['validate', 'copy.yaml'], { cwd })
    expect(code).toBe(78)
    expect(stderr).toContain('plugins[0]: cannot be loaded: Node takes it for CommonJS: name it .mjs')
  })

  it('shows help with examples for every command', async () => {
    const cwd = workFolder()
    for (const command of [
      [],
      ['run'],
      ['validate'],
      ['graph'],
      ['plugins'],
      ['init'],
      ['plugin'],
      ['plugin', 'new'],
    ]) {
      const { code, stdout } = await streamrun([...command, '--help'], { cwd })
      expect(code).toBe(0)
      expect(stdout).toContain('$ streamrun')
    }
  })

  it('reads variables from a file, and those of the process win', async () => {
    const cwd = copyPipeline({ source: ', follow: false' })
    writeFileSync(join(cwd, 'copy.yaml'), read(cwd, 'copy.yaml').replace('out/copy.log', "'out/${NAME}-${OTHER}.log'"))
    writeFileSync(join(cwd, 'vars.env'), 'NAME=from-file\nOTHER=file\n')
    writeFileSync(join(cwd, 'in.log'), lines(1))
    const { code } = await streamrun(['copy.yaml', '--env-file', 'vars.env'], { cwd, env: { OTHER: 'process' } })
    expect(code).toBe(0)
    expect(read(cwd, 'out/from-file-process.log')).toBe(lines(1))
  })

  it('gives the summary as data with --json', async () => {
    const cwd = copyPipeline({ source: ', follow: false' })
    writeFileSync(join(cwd, 'in.log'), lines(3))
    const { stderr } = await streamrun(['copy.yaml', '--json', '--quiet'], { cwd })
    const { components, ...rest } = JSON.parse(stderr)
    expect(rest).toMatchObject({ pipeline: 'copy', exit_code: 0 })
    expect(components.slice(0, 2)).toMatchObject([
      { name: 'in', in: 3 },
      { name: 'out', out: 3 },
    ])
  })
})
