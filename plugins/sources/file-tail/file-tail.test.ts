import {
  appendFileSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../engine/clock.ts'
import { readOptions } from '../../../engine/options.ts'
import type { Json } from '../../../engine/plugin.ts'
import { diskStorage } from '../../../engine/storage.ts'
import { sourceContext } from '../../../test/contract/context.ts'
import plugin from './index.ts'
import { options } from './options.ts'
import type { Position } from './position.ts'
import { startTail, type TailChoices, type TestTail } from './reader.fixture.ts'
import { Reader } from './reader.ts'

let folder = ''
let tails: TestTail[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'file-tail-'))
  tails = []
})

afterEach(async () => {
  for (const tail of tails) if (!tail.ended) await tail.stop()
  rmSync(folder, { recursive: true, force: true })
})

const at = (name: string) => join(folder, name)

async function start(values: { readonly [name: string]: Json } = {}, choices: TailChoices = {}): Promise<TestTail> {
  const tail = startTail({ path: at('app.log'), ...values }, choices)
  tails.push(tail)
  await tail.settle()
  return tail
}

/** A file read to its end. */
async function readAll(values: { readonly [name: string]: Json } = {}): Promise<TestTail> {
  const tail = startTail({ path: at('app.log'), follow: false, ...values })
  tails.push(tail)
  while (!tail.ended) await tail.settle()
  return tail
}

describe('file-tail: lines', () => {
  it('hands over lines with the byte offset and the number of each, without their newline', async () => {
    writeFileSync(at('app.log'), 'one\r\n\nthree\n')
    const { lines } = await readAll()
    expect(lines.map(({ text, offset, line }) => [text, offset, line])).toEqual([
      ['one\r', 0, 1],
      ['', 5, 2],
      ['three', 6, 3],
    ])
  })

  it('delivers a last line without a newline at the end of a finite file, and ends', async () => {
    writeFileSync(at('app.log'), 'one\ntwo')
    const tail = await readAll()
    expect(tail.texts).toEqual(['one', 'two'])
    expect([...tail.positions.values()]).toMatchObject([{ offset: 7, line: 3 }])
  })

  it('holds a partial line until its newline comes, and keeps the position before it (FT-05)', async () => {
    writeFileSync(at('app.log'), 'one\n')
    const tail = await start()
    for (const byte of Buffer.from('zwölf')) {
      appendFileSync(at('app.log'), Buffer.of(byte))
      await tail.poll()
      expect([...tail.positions.values()]).toMatchObject([{ offset: 4, line: 2 }])
    }
    appendFileSync(at('app.log'), '\n')
    await tail.poll()
    expect(tail.texts.map((text) => Buffer.from(text, 'latin1').toString())).toEqual(['one', 'zwölf'])
  })

  it('skips a byte order mark at the beginning of a file only (FT-07)', async () => {
    writeFileSync(at('app.log'), '\uFEFFone\n\uFEFFtwo\n')
    const { lines } = await readAll()
    expect(lines.map(({ text, offset }) => [Buffer.from(text, 'latin1').toString(), offset])).toEqual([
      ['one', 3],
      ['\uFEFFtwo', 7],
    ])
  })

  it('reads lines of any length as they were written, across chunks and larger than one', async () => {
    const lengths = [0, 1, 70_000, 261_888, 262_143, 262_144, 300_000, 5, 1_048_576, 31, 600_000]
    for (let length = 0; length < 40_000; length++) lengths.push(length % 40)
    const written = lengths.map((length, index) => `${index} `.slice(0, length).padEnd(length, 'x'))
    writeFileSync(at('app.log'), written.join('\n'))
    const { texts, lines } = await readAll()
    expect(texts.length).toBe(written.length)
    expect(texts.every((text, index) => text === written[index])).toBe(true)
    const bytes = readFileSync(at('app.log'), 'latin1')
    const isInPlace = ({ text, offset }: { text: string; offset: number }) => bytes.startsWith(text, offset)
    expect(lines.every((line, index) => line.line === index + 1 && isInPlace(line))).toBe(true)
  })

  it('takes a read that brings less than there is for no end of the file', async () => {
    const written = Array.from({ length: 500 }, (_, index) => 'x'.repeat(index % 50))
    writeFileSync(at('app.log'), written.join('\n'))
    const disk = diskStorage()
    const open: typeof disk.open = async (path, mode) => {
      const file = await disk.open(path, mode)
      return { ...file, read: (target, offset, length, from) => file.read(target, offset, Math.min(length, 300), from) }
    }
    const tail = startTail({ path: at('app.log'), follow: false }, { storage: { open } })
    tails.push(tail)
    while (!tail.ended) await tail.settle()
    expect(tail.texts).toEqual(written)
  })

  it('says when it has caught up with everything that is there', async () => {
    writeFileSync(at('app.log'), 'one\n')
    const tail = await start()
    expect(tail.batches.at(-1)).toEqual({ count: 1, caughtUp: true })
  })
})

describe('file-tail: lines that are too long', () => {
  const long = `${'é'.repeat(20)}${'x'.repeat(100)}`

  it('dead-letters them with place, beginning and whole length, counts them, and reads on', async () => {
    writeFileSync(at('app.log'), `one\n${long}\ntwo\n`)
    const tail = await readAll({ max_line_bytes: '25B' })
    expect(tail.texts).toEqual(['one', 'two'])
    expect(tail.failed).toMatchObject([
      { error: { code: 'SR_LINE_TOO_LONG' }, size: 140, origin: { position: { offset: 4, line: 2 } } },
    ])
    expect(tail.failed[0]?.raw).toEqual(Buffer.from(long).subarray(0, 25))
    expect(tail.context.recorded.counts.get('long_lines')).toBe(1)
    expect(tail.lines[1]).toMatchObject({ offset: 145, line: 3 })
  })

  it('cuts them at a whole character', async () => {
    writeFileSync(at('app.log'), `one\n${long}\ntwo\n`)
    const tail = await readAll({ max_line_bytes: '25B', on_long_line: 'cut' })
    const texts = tail.texts.map((text) => Buffer.from(text, 'latin1').toString())
    expect(texts).toEqual(['one', 'é'.repeat(12), 'two'])
    expect(tail.lines[1]).toMatchObject({ offset: 4, line: 2 })
  })

  it('skips them, counted', async () => {
    writeFileSync(at('app.log'), `one\n${long}\ntwo\n`)
    const tail = await readAll({ max_line_bytes: '25B', on_long_line: 'skip' })
    expect([tail.texts, tail.failed.length]).toEqual([['one', 'two'], 0])
    expect(tail.context.recorded.counts.get('long_lines')).toBe(1)
  })

  it('takes a line of exactly the longest length', async () => {
    writeFileSync(at('app.log'), `${'x'.repeat(25)}\n${'y'.repeat(26)}\n`)
    const tail = await readAll({ max_line_bytes: '25B' })
    expect([tail.texts, tail.failed.length]).toEqual([['x'.repeat(25)], 1])
  })

  it('holds no more of a line of 100 MB than its beginning (FT-08)', async () => {
    const piece = Buffer.alloc(1 << 20, 'x')
    const descriptor = openSync(at('app.log'), 'w')
    for (let index = 0; index < 100; index++) writeSync(descriptor, piece)
    writeSync(descriptor, '\nnext\n')
    closeSync(descriptor)
    const before = process.memoryUsage()
    const tail = await readAll()
    const after = process.memoryUsage()
    expect([tail.texts, tail.failed[0]?.size]).toEqual([['next'], 100 << 20])
    expect(after.arrayBuffers + after.external - before.arrayBuffers - before.external).toBeLessThan(32 << 20)
  })

  it('counts a long line that is written bit by bit once, when it ends', async () => {
    const tail = await start({ max_line_bytes: '10B' })
    for (let times = 0; times < 5; times++) {
      appendFileSync(at('app.log'), 'x'.repeat(7))
      await tail.poll()
    }
    appendFileSync(at('app.log'), '\nshort\n')
    await tail.poll()
    expect([tail.texts, tail.failed.map(({ size }) => size)]).toEqual([['short'], [35]])
  })
})

describe('file-tail: rotation', () => {
  it('reads the old file to its end, waits until it rests, and only then reads the new one (FT-01)', async () => {
    writeFileSync(at('app.log'), '1\n')
    const tail = await start()
    const writer = openSync(at('app.log'), 'a')
    renameSync(at('app.log'), at('app.log.1'))
    writeFileSync(at('app.log'), 'new\n')
    for (const late of ['2\n', '3\n', '4\n']) {
      await tail.pass(750)
      writeSync(writer, late)
    }
    closeSync(writer)
    await tail.pass(750)
    expect(tail.texts).toEqual(['1', '2', '3', '4'])
    await tail.pass(1000)
    expect(tail.texts).toEqual(['1', '2', '3', '4', 'new'])
  })

  it('follows a renamed file until a new one comes, however late that is', async () => {
    writeFileSync(at('app.log'), '1\n')
    const tail = await start()
    renameSync(at('app.log'), at('app.log.1'))
    await tail.pass(90_000)
    appendFileSync(at('app.log.1'), '2\n')
    await tail.poll()
    writeFileSync(at('app.log'), '3\n')
    await tail.pass(2_000)
    expect(tail.texts).toEqual(['1', '2', '3'])
  })

  for (const { names, kind } of [
    { kind: 'counters', names: ['app.log.3', 'app.log.2', 'app.log.1'] },
    { kind: 'dates', names: ['app.log-20260101', 'app.log-20260102', 'app.log-20260103'] },
    { kind: 'dates before the extension', names: ['app-2026-01-01.log', 'app-2026-01-02.log', 'app-2026-01-03.log'] },
  ]) {
    it(`reads what several rotations between two looks left behind, oldest first: ${kind} (FT-04)`, async () => {
      writeFileSync(at('app.log'), '1\n')
      const tail = await start()
      appendFileSync(at('app.log'), '2\n')
      renameSync(at('app.log'), at(names[0] as string))
      writeFileSync(at(names[1] as string), '3\n')
      writeFileSync(at(names[2] as string), '4\n')
      writeFileSync(at('app.log'), '5\n')
      await tail.pass(6_000)
      expect(tail.texts).toEqual(['1', '2', '3', '4', '5'])
    })

    it(`reads on through rotations while it was not running: ${kind}`, async () => {
      writeFileSync(at('app.log'), '1\n')
      const before = await start()
      await before.stop()
      appendFileSync(at('app.log'), '2\n')
      renameSync(at('app.log'), at(names[0] as string))
      writeFileSync(at(names[1] as string), '3\n')
      writeFileSync(at(names[2] as string), '4\n')
      writeFileSync(at('app.log'), '5\n')
      const tail = await start({ follow: false }, { positions: before.positions })
      expect([tail.thrown, tail.texts]).toEqual([undefined, ['2', '3', '4', '5']])
    })
  }

  it('keeps the order when the file that it has just seen is rotated away twice before it looks at the others (FT-04)', async () => {
    const disk = diskStorage()
    let rotate = () => {}
    const stat: typeof disk.stat = async (path) => {
      const found = await disk.stat(path)
      if (path === at('app.log')) rotate()
      return found
    }
    writeFileSync(at('app.log'), '1\n')
    const tail = await start({}, { storage: { stat } })
    renameSync(at('app.log'), at('app.log-20260101'))
    writeFileSync(at('app.log'), '2\n')
    rotate = () => {
      rotate = () => {}
      renameSync(at('app.log'), at('app.log-20260102'))
      writeFileSync(at('app.log-20260103'), '3\n')
      writeFileSync(at('app.log'), '4\n')
    }
    await tail.pass(8_000)
    expect(tail.texts).toEqual(['1', '2', '3', '4'])
  })

  it('misses no file that a rotation moves to its next number while the folder is looked at (FT-04)', async () => {
    const disk = diskStorage()
    const list: typeof disk.list = async (path) =>
      (await disk.list(path)).toSorted((a, b) => (a.name < b.name ? 1 : -1))
    let rotate = () => {}
    const stat: typeof disk.stat = async (path) => {
      if (path === at('app.log.1')) rotate()
      return disk.stat(path)
    }
    writeFileSync(at('app.log'), '1\n')
    const tail = await start({}, { storage: { list, stat } })
    renameSync(at('app.log'), at('app.log.2'))
    writeFileSync(at('app.log.1'), '2\n')
    writeFileSync(at('app.log'), '3\n')
    rotate = () => {
      rotate = () => {}
      renameSync(at('app.log.2'), at('app.log.3'))
      renameSync(at('app.log.1'), at('app.log.2'))
    }
    await tail.pass(6_000)
    expect(tail.texts).toEqual(['1', '2', '3'])
  })

  it('leaves rotated files alone that were there before the first start', async () => {
    writeFileSync(at('app.log.1'), 'old\n')
    writeFileSync(at('app.log'), 'new\n')
    const tail = await start()
    expect(tail.texts).toEqual(['new'])
  })

  it('delivers a partial last line of a file that was rotated away', async () => {
    writeFileSync(at('app.log'), 'one\ntw')
    const tail = await start()
    renameSync(at('app.log'), at('app.log.1'))
    writeFileSync(at('app.log'), 'three\n')
    await tail.pass(3_000)
    expect(tail.texts).toEqual(['one', 'tw', 'three'])
  })

  it('never decodes compressed files, whatever matches them (FT-18)', async () => {
    writeFileSync(at('app.log.1.gz'), Buffer.from('1f8b0800deadbeef0a', 'hex'))
    writeFileSync(at('app.log'), 'one\n')
    const tail = await start({ path: at('app.log*') })
    expect(tail.texts).toEqual(['one'])
  })

  it('counts a file that was gone before it could be read to its end', async () => {
    writeFileSync(at('app.log'), 'one\n')
    const refuse = () => Promise.reject(Object.assign(new Error('EACCES'), { code: 'EACCES' }))
    const tail = await start({}, { storage: { open: refuse } })
    unlinkSync(at('app.log'))
    await tail.pass(62_000)
    expect(tail.context.recorded.counts.get('missed_rotation')).toBe(1)
    expect(tail.positions.size).toBe(0)
  })
})

describe('file-tail: truncation and replacement', () => {
  it('reads a truncated file from its beginning and counts it (FT-02)', async () => {
    writeFileSync(at('app.log'), 'one\ntwo\n')
    const tail = await start()
    copyFileSync(at('app.log'), at('app.log.1'))
    truncateSync(at('app.log'))
    await tail.pass(500)
    appendFileSync(at('app.log'), 'three\n')
    await tail.poll()
    expect(tail.texts).toEqual(['one', 'two', 'three'])
    expect(tail.context.recorded.counts.get('truncations')).toBe(1)
  })

  it('sees that a file was cut and grew past the old end between two looks (FT-02)', async () => {
    writeFileSync(at('app.log'), 'one\ntwo\n')
    const tail = await start()
    truncateSync(at('app.log'))
    appendFileSync(at('app.log'), 'three\nfour\nfive\n')
    await tail.poll()
    expect(tail.texts).toEqual(['one', 'two', 'three', 'four', 'five'])
    expect(tail.context.recorded.counts.get('truncations')).toBe(1)
  })

  it('sees it after a restart too, with an old file of any size (FT-13)', async () => {
    for (const size of [3, 200, 256, 257, 5_000]) {
      writeFileSync(at('app.log'), `${'o'.repeat(size)}\n`)
      const before = await start()
      await before.stop()
      truncateSync(at('app.log'))
      appendFileSync(at('app.log'), `${'n'.repeat(size)}\nmore\n`)
      const tail = await start({}, { positions: before.positions })
      expect(tail.texts).toEqual(['n'.repeat(size), 'more'])
      rmSync(at('app.log'))
    }
  })

  it('reads a file that was deleted and made anew, even with the same inode and the same beginning (FT-03)', async () => {
    const header = `${'h'.repeat(400)}\n`
    for (let round = 0; round < 20; round++) {
      writeFileSync(at('app.log'), `${header}${'a'.repeat(round)} one\n`)
      const before = await start()
      await before.stop()
      unlinkSync(at('app.log'))
      writeFileSync(at('app.log'), `${header}${'b'.repeat(round)} two\n`)
      const tail = await start({}, { positions: before.positions })
      expect(tail.texts).toEqual([header.trim(), `${'b'.repeat(round)} two`])
      await tail.stop()
      unlinkSync(at('app.log'))
    }
  })

  it('finishes a file that was deleted while it was read, and then lets go of its position (FT-09)', async () => {
    writeFileSync(at('app.log'), 'one\n')
    const tail = await start()
    appendFileSync(at('app.log'), 'two\nthree')
    unlinkSync(at('app.log'))
    await tail.poll()
    expect(tail.texts).toEqual(['one', 'two'])
    await tail.pass(62_000)
    expect(tail.texts).toEqual(['one', 'two', 'three'])
    expect(tail.positions.size).toBe(0)
  })

  it('keeps running when its folder vanishes and comes back (FT-09)', async () => {
    mkdirSync(at('logs'))
    writeFileSync(at('logs/a.log'), 'one\n')
    const tail = await start({ path: at('logs/*.log') })
    rmSync(at('logs'), { recursive: true })
    await tail.poll()
    mkdirSync(at('logs'))
    writeFileSync(at('logs/a.log'), 'two\n')
    await tail.pass(2_000)
    expect(tail.texts).toEqual(['one', 'two'])
  })

  it('takes a size that goes back for a moment for what it is: a stale answer (FT-12)', async () => {
    writeFileSync(at('app.log'), 'one\ntwo\n')
    let stale = false
    const disk = diskStorage()
    const open: typeof disk.open = async (path, mode) => {
      const file = await disk.open(path, mode)
      const read: typeof file.read = async (...call) => (stale ? 0 : file.read(...call))
      return { ...file, read }
    }
    const tail = await start({}, { storage: { open } })
    stale = true
    appendFileSync(at('app.log'), 'three\n')
    await tail.poll()
    stale = false
    await tail.poll()
    expect(tail.texts).toEqual(['one', 'two', 'three'])
    expect(tail.context.recorded.counts.get('truncations')).toBeUndefined()
  })
})

describe('file-tail: which files', () => {
  it('waits for a file that does not exist yet, says so once, and reads it when it comes', async () => {
    const tail = await start()
    await tail.pass(2_000)
    expect(tail.context.recorded.health).toEqual([`no file matches ${at('app.log')}`])
    writeFileSync(at('app.log'), 'one\n')
    await tail.poll()
    expect(tail.texts).toEqual(['one'])
    expect(tail.context.recorded.health.at(-1)).toBeUndefined()
  })

  it('ends with SR_INPUT_MISSING when a file that is read to its end is not there', async () => {
    const tail = await readAll()
    expect(tail.thrown).toMatchObject({ code: 'SR_INPUT_MISSING', exitCode: 66 })
  })

  it('expands globs, `**` too, and leaves out what `exclude` names', async () => {
    mkdirSync(at('x/y/z'), { recursive: true })
    for (const name of ['x/a.log', 'x/y/z/b.log', 'x/y/debug.log', 'x/y/c.txt']) writeFileSync(at(name), `${name}\n`)
    for (const exclude of [at('**/debug.log'), '**/debug.log']) {
      const tail = await readAll({ path: at('**/*.log'), exclude })
      expect(tail.texts.sort()).toEqual(['x/a.log', 'x/y/z/b.log'])
    }
  })

  it('keeps 100 files with the same beginning apart, with four of them open (FT-14, FT-15)', async () => {
    const names = Array.from({ length: 100 }, (_, index) => `f${index}.log`)
    for (const name of names) writeFileSync(at(name), 'the same header\n')
    const tail = await start({ path: at('*.log'), max_open_files: 4 })
    for (const name of names) appendFileSync(at(name), `${name}\n`)
    await tail.poll()
    expect(tail.texts.filter((text) => text.endsWith('.log')).sort()).toEqual(names.toSorted())
    expect(tail.texts.length).toBe(200)
    expect(new Set(tail.lines.map(({ partition }) => partition)).size).toBe(100)
  })

  it('goes on with fewer open files than max_open_files when the process may not have more (FT-15)', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `f${index}.log`)
    for (const name of names) writeFileSync(at(name), `${name}\n`)
    const disk = diskStorage()
    let opened = 0
    const open: typeof disk.open = async (path, mode) => {
      if (opened === 3) throw Object.assign(new Error('EMFILE'), { code: 'EMFILE' })
      opened += 1
      const file = await disk.open(path, mode)
      const close = async () => {
        opened -= 1
        await file.close()
      }
      return { ...file, close }
    }
    const tail = await start({ path: at('*.log') }, { storage: { open } })
    expect(tail.texts.sort()).toEqual(names.toSorted())
  })

  it('reads on where it was when a file can be read again, and says so meanwhile (FT-10)', async () => {
    writeFileSync(at('app.log'), 'one\n')
    const disk = diskStorage()
    let refused = true
    const open: typeof disk.open = (path, mode) => {
      if (refused) return Promise.reject(Object.assign(new Error('EACCES'), { code: 'EACCES' }))
      return disk.open(path, mode)
    }
    const tail = await start({}, { storage: { open } })
    await tail.poll()
    expect(tail.context.recorded.health).toEqual([`cannot read ${at('app.log')}: EACCES`])
    refused = false
    await tail.poll()
    expect(tail.texts).toEqual(['one'])
    expect(tail.context.recorded.health.at(-1)).toBeUndefined()
  })

  it('says once that a folder cannot be read, however often it looks (FT-10)', async () => {
    const list = () => Promise.reject(Object.assign(new Error('EACCES'), { code: 'EACCES' }))
    const tail = await start({ path: [at('*.log'), at('other.log')] }, { storage: { list } })
    await tail.pass(2_000)
    expect(tail.context.recorded.health).toEqual([`cannot read ${folder}: EACCES, and 2 more`])
  })

  it('tries again after an I/O error, from where it was (FT-12)', async () => {
    writeFileSync(at('app.log'), 'one\n')
    const disk = diskStorage()
    let fault: string | undefined
    const open: typeof disk.open = async (path, mode) => {
      const file = await disk.open(path, mode)
      const read: typeof file.read = (...call) => {
        return fault === undefined ? file.read(...call) : Promise.reject(Object.assign(new Error(), { code: fault }))
      }
      return { ...file, read }
    }
    const tail = await start({}, { storage: { open } })
    for (const code of ['ESTALE', 'EIO']) {
      fault = code
      appendFileSync(at('app.log'), `${code}\n`)
      await tail.poll()
      fault = undefined
      await tail.poll()
    }
    expect(tail.texts).toEqual(['one', 'ESTALE', 'EIO'])
  })

  it('reads the new target when a link is swapped, and reads on in the old one when it is swapped back (FT-11)', async () => {
    const link = (target: string) => {
      symlinkSync(at(target), at('next'))
      renameSync(at('next'), at('app.log'))
    }
    writeFileSync(at('first'), '1\n')
    writeFileSync(at('second'), '2\n')
    link('first')
    const tail = await start()
    link('second')
    await tail.pass(3_000)
    appendFileSync(at('first'), '3\n')
    link('first')
    await tail.pass(3_000)
    link('second')
    appendFileSync(at('second'), '4\n')
    await tail.pass(3_000)
    expect(tail.texts).toEqual(['1', '2', '3', '4'])
  })

  it('reads a file once that two paths lead to', async () => {
    writeFileSync(at('real.log'), 'one\n')
    symlinkSync(at('real.log'), at('link.log'))
    const tail = await start({ path: at('*.log') })
    await tail.pass(1_000)
    expect(tail.texts).toEqual(['one'])
    expect(tail.batches.length).toBe(2)
  })
})

describe('file-tail: where it begins and ends', () => {
  it('starts at the end of files of the first start only, with the line numbers of the file', async () => {
    writeFileSync(at('a.log'), 'old\nol')
    const before = await start({ path: at('*.log'), start: 'end' })
    appendFileSync(at('a.log'), 'd\nnew\n')
    await before.poll()
    expect(before.lines.map(({ text, line }) => [text, line])).toEqual([
      ['old', 2],
      ['new', 3],
    ])
    await before.stop()
    appendFileSync(at('a.log'), 'newer\n')
    writeFileSync(at('b.log'), 'from the beginning\n')
    const tail = await start({ path: at('*.log'), start: 'end' }, { positions: before.positions })
    expect(tail.texts.sort()).toEqual(['from the beginning', 'newer'])
  })

  it('applies `start: end` once, even when there was no file at the first start', async () => {
    const before = await start({ start: 'end' })
    await before.stop()
    writeFileSync(at('app.log'), 'one\n')
    const tail = await start({ start: 'end' }, { positions: before.positions })
    expect(tail.texts).toEqual(['one'])
  })

  it('ends soon when told to, without handing over a partial line', async () => {
    writeFileSync(at('app.log'), 'one\ntw')
    const tail = await start()
    await tail.stop()
    expect([tail.ended, tail.thrown, tail.texts]).toEqual([true, undefined, ['one']])
  })

  it('forgets the committed files of a finite run that are gone', async () => {
    writeFileSync(at('app.log'), 'one\n')
    const before = await readAll()
    unlinkSync(at('app.log'))
    writeFileSync(at('app.log'), 'another\n')
    const tail = startTail({ path: at('app.log'), follow: false }, { positions: before.positions })
    tails.push(tail)
    while (!tail.ended) await tail.settle()
    expect([tail.texts, tail.positions.size]).toEqual([['another'], 1])
  })

  it('hands a line over when the operating system says that the file changed, long before the next poll', async () => {
    writeFileSync(at('app.log'), '')
    const context = sourceContext<Position>({ clock: systemClock() })
    const reader = new Reader(readOptions(options, { path: at('app.log'), poll: '1h' }), context)
    const seen: boolean[] = []
    for await (const batch of reader.batches()) {
      seen.push(batch.frames !== undefined)
      if (batch.frames !== undefined) break
      if (batch.caughtUp) appendFileSync(at('app.log'), 'one\n')
    }
    expect(seen.at(-1)).toBe(true)
    await reader.close()
  })

  it('names the files that it reads as absolute globs', async () => {
    const check = await plugin.check?.(readOptions(options, { path: ['data/*.log', '/var/log/x'] }) as never, {
      storage: diskStorage(),
      definitionFolder: folder,
    })
    expect(check?.reads).toEqual([join(process.cwd(), 'data/*.log'), '/var/log/x'])
  })
})

it('a path or an exclusion that no file can have is a fault of the definition', async () => {
  const check = (values: { path: string; exclude?: string }) =>
    plugin.check?.(readOptions(options, values) as never, { storage: diskStorage(), definitionFolder: '/' })
  expect(await check({ path: 'a\0b' })).toMatchObject({ faults: [{ path: ['path'], code: 'SR_OPTION_REFUSED' }] })
  expect(await check({ path: 'a', exclude: '\0' })).toMatchObject({ faults: [{ path: ['exclude'] }] })
})
