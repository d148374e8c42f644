import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeBatch } from '../../../engine/codec/encode.ts'
import { createCodec } from '../../../engine/codec/index.ts'
import { readOptions } from '../../../engine/options.ts'
import { type Frames, framesBatch, type Json } from '../../../engine/plugin.ts'
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
  folder = mkdtempSync(join(tmpdir(), 'file-tail-multiline-'))
  tails = []
})

afterEach(async () => {
  for (const tail of tails) if (!tail.ended) await tail.stop()
  rmSync(folder, { recursive: true, force: true })
})

const at = (name: string) => join(folder, name)
const BY_START = { start: '^\\[' }

async function start(values: { readonly [name: string]: Json } = {}, choices: TailChoices = {}): Promise<TestTail> {
  const tail = startTail({ path: at('app.log'), multiline: BY_START, ...values }, choices)
  tails.push(tail)
  while (!tail.ended && tail.clock.waiting === 0) await tail.settle()
  return tail
}

function readAll(values: { readonly [name: string]: Json } = {}, choices: TailChoices = {}): Promise<TestTail> {
  return start({ follow: false, ...values }, choices)
}

describe('file-tail, multiline: events', () => {
  it('joins lines up to the next one that matches `start`, with the place of the first one', async () => {
    writeFileSync(at('app.log'), '[1] one\n  at a\n\n[2] two\n[3] three\r\n  at b\r\n')
    const { lines } = await readAll()
    expect(lines.map(({ text, offset, line }) => [text, offset, line])).toEqual([
      ['[1] one\n  at a\n', 0, 1],
      ['[2] two', 16, 4],
      ['[3] three\r\n  at b\r', 24, 5],
    ])
  })

  it('joins lines that match `continue` to the one before', async () => {
    writeFileSync(at('app.log'), '  lost\none\n  at a\nCaused by: b\ntwo')
    const { texts } = await readAll({ multiline: { continue: '^\\s|^Caused by:' } })
    expect(texts).toEqual(['  lost', 'one\n  at a\nCaused by: b', 'two'])
  })

  it('takes lines before the first `start` for an event', async () => {
    writeFileSync(at('app.log'), '\uFEFFlost\nlost\n[1] one\n')
    expect((await readAll()).lines.map(({ text, offset, line }) => [text, offset, line])).toEqual([
      ['lost\nlost', 3, 1],
      ['[1] one', 13, 3],
    ])
  })

  it('sees `$` before a carriage return, and the first 4 KiB of a line only', async () => {
    const long = `${'x'.repeat(4096)}begin`
    writeFileSync(at('app.log'), `one begin\r\nmore\r\n${long}\r\ntwo begin\r\n`)
    const { lines } = await readAll({ multiline: { start: 'begin$' } })
    expect(lines.map(({ line }) => line)).toEqual([1, 4])
  })

  it('never lets the lines of an event be taken for lines of their own', async () => {
    const text = '{\n  "a": 1\n}\n{ "b": 2 }\n{\n  "c": 3\n}\n'
    writeFileSync(at('app.log'), text)
    const written: string[] = []
    for (const frames of await framesOf({ multiline: { start: '^\\{' } })) {
      const json = createCodec('json')
      const { good, failed } = json.check(frames, { component: 'c', partition: 'p', timestamp: 0 })
      expect(failed).toEqual([])
      written.push(...encodeBatch(json, framesBatch(good)).chunks.map((chunk) => Buffer.from(chunk).toString()))
    }
    expect(written.join('')).toBe('{"a":1}\n{ "b": 2 }\n{"c":3}\n')
  })

  it('reads events of any length as they were written, across chunks and larger than one', async () => {
    const lengths = [1, 700_000, 3, 1_048_000, 262_144, 5_000, 1_048_576, 31]
    for (let count = 0; count < 20_000; count++) lengths.push(1 + (count % 90))
    const events = lengths.map((length, index) => {
      const lines = `[${index}`.padEnd(length, 'x').slice(0, length)
      return `[${lines.slice(1).replaceAll(/(x{30})x/g, '$1\n')}`
    })
    writeFileSync(at('app.log'), `${events.join('\n')}\n`)
    const { texts, lines } = await readAll()
    expect(texts.length).toBe(events.length)
    expect(texts.every((text, index) => text === events[index])).toBe(true)
    let line = 1
    for (const [index, event] of events.entries()) {
      if (lines[index]?.line !== line) expect(lines[index]?.line).toBe(line)
      line += event.split('\n').length
    }
  })
})

describe('file-tail, multiline: the open event', () => {
  it('is held until the next one begins, and the position stays before it', async () => {
    writeFileSync(at('app.log'), '[1] one\n[2] two\n')
    const tail = await start({ multiline: { ...BY_START, flush_after: '1h' } })
    await tail.pass(2_000)
    expect(tail.texts).toEqual(['[1] one'])
    expect([...tail.positions.values()]).toMatchObject([{ offset: 8, line: 2 }])
    appendFileSync(at('app.log'), '  at b\n[3')
    await tail.poll()
    expect(tail.texts).toEqual(['[1] one'])
    appendFileSync(at('app.log'), '] three\n')
    await tail.poll()
    expect(tail.texts).toEqual(['[1] one', '[2] two\n  at b'])
    expect([...tail.positions.values()]).toMatchObject([{ offset: 23, line: 4 }])
  })

  it('is handed over when nothing came for `flush_after`, and not before', async () => {
    writeFileSync(at('app.log'), '[1] one\n')
    const tail = await start({ multiline: { ...BY_START, flush_after: '700ms' } })
    await tail.pass(500)
    appendFileSync(at('app.log'), '  at a\n')
    await tail.poll()
    tail.clock.advance(699)
    await tail.settle()
    expect(tail.texts).toEqual([])
    tail.clock.advance(1)
    await tail.settle()
    expect(tail.texts).toEqual(['[1] one\n  at a'])
    expect([...tail.positions.values()]).toMatchObject([{ offset: 15, line: 3 }])
    appendFileSync(at('app.log'), '  at b\n')
    await tail.pass(1_000)
    expect(tail.texts).toEqual(['[1] one\n  at a', '  at b'])
  })

  it('keeps what it handed over apart from a line that is not whole yet', async () => {
    writeFileSync(at('app.log'), '[1] one\n  at')
    const tail = await start()
    await tail.pass(1_250)
    expect(tail.texts).toEqual(['[1] one'])
    appendFileSync(at('app.log'), ' a\n')
    await tail.pass(1_250)
    expect(tail.texts).toEqual(['[1] one', '  at a'])
  })

  it('is read again after a kill', async () => {
    writeFileSync(at('app.log'), '[1] one\n[2] two\n')
    const first = await start()
    expect(first.texts).toEqual(['[1] one'])
    await first.stop()
    appendFileSync(at('app.log'), '  at b\n')
    const second = await start({}, { positions: first.positions })
    await second.pass(1_000)
    expect(second.texts).toEqual(['[2] two\n  at b'])
  })

  it('does not go on in the file that takes the place of its own', async () => {
    writeFileSync(at('app.log'), '[1] one\n  at a')
    const tail = await start({ multiline: { ...BY_START, flush_after: '1h' } })
    renameSync(at('app.log'), at('app.log.1'))
    writeFileSync(at('app.log'), '  at b\n[2] two\n[3')
    await tail.pass(1_750)
    expect(tail.texts).toEqual(['[1] one\n  at a', '  at b'])
  })

  it('is left alone when it stood there before the first start at the end', async () => {
    writeFileSync(at('app.log'), '[1] one\n  at a\n')
    const tail = await start({ start: 'end' })
    await tail.pass(1_500)
    appendFileSync(at('app.log'), '[2] two\n')
    await tail.pass(1_500)
    expect(tail.lines.map(({ text, line }) => [text, line])).toEqual([['[2] two', 3]])
  })
})

describe('file-tail, multiline: events that are too long', () => {
  const long = `[2] two\n${'  at\n'.repeat(10)}${'x'.repeat(9_000)}\n  end`
  const values = { max_line_bytes: '32B' }

  beforeEach(() => writeFileSync(at('app.log'), `[1] one\n${long}\n[3] three\n`))

  it('are dead-lettered whole, with place, size and beginning, and are counted', async () => {
    const { texts, lines, failed, context } = await readAll(values)
    expect(texts).toEqual(['[1] one', '[3] three'])
    expect(lines.map(({ line }) => line)).toEqual([1, 15])
    expect(failed).toMatchObject([
      { error: { code: 'SR_LINE_TOO_LONG' }, size: long.length, origin: { position: { offset: 8, line: 2 } } },
    ])
    expect(failed[0]?.error.message).toContain('an event of 9,')
    expect(Buffer.from(failed[0]?.raw ?? []).toString()).toBe(long.slice(0, 32))
    expect(context.recorded.counts.get('long_lines')).toBe(1)
  })

  it('are cut or skipped when that is asked for', async () => {
    expect((await readAll({ ...values, on_long_line: 'skip' })).texts).toEqual(['[1] one', '[3] three'])
    expect((await readAll({ ...values, on_long_line: 'cut' })).texts).toEqual([
      '[1] one',
      long.slice(0, 32),
      '[3] three',
    ])
  })

  it('end like others when nothing comes any more', async () => {
    writeFileSync(at('app.log'), `${long}\n`)
    const tail = await start(values)
    await tail.pass(750)
    expect(tail.failed).toEqual([])
    expect([...tail.positions.values()]).toMatchObject([{ offset: 0 }])
    await tail.pass(500)
    expect(tail.failed).toMatchObject([{ size: long.length }])
    expect([...tail.positions.values()]).toMatchObject([{ offset: long.length + 1, line: 14 }])
  })

  it('are read over across chunks', async () => {
    const lines = Array.from({ length: 150_000 }, (_, number) => `  at line ${number} of a very long event`)
    writeFileSync(at('app.log'), `[1] one\n${lines.join('\n')}\n[2] two\n`)
    const { lines: read, failed } = await readAll()
    expect(failed).toMatchObject([{ size: lines.join('\n').length + 8 }])
    expect(read.map(({ text, line }) => [text, line])).toEqual([['[2] two', 150_002]])
  })
})

describe('file-tail, multiline: the definition', () => {
  const faults = async (multiline: { readonly [name: string]: Json }) => {
    const values = readOptions(options, { path: 'a.log', multiline })
    const check = await plugin.check?.(values, { storage: diskStorage(), definitionFolder: folder })
    return check?.faults
  }

  it('must have exactly one of `start` and `continue`', async () => {
    const refused = [{ path: ['multiline'], code: 'SR_OPTION_REFUSED' }]
    expect(await faults({})).toMatchObject(refused)
    expect(await faults({ start: 'a', continue: 'b' })).toMatchObject(refused)
    expect(await faults({ start: 'a' })).toEqual([])
  })

  it('refuses patterns that are invalid or can take for ever, at their place (J-2)', async () => {
    expect(await faults({ start: '(' })).toMatchObject([{ path: ['multiline', 'start'], message: /Unterminated/ }])
    expect(await faults({ continue: '^(a+)+$' })).toMatchObject([{ path: ['multiline', 'continue'] }])
    expect(await faults({ start: 'a', flush_after: '0s' })).toMatchObject([{ path: ['multiline', 'flush_after'] }])
  })
})

describe('file-tail, multiline: any way of writing', () => {
  const line = fc.tuple(fc.constantFrom('[', ' ', '', 'é'), fc.nat({ max: 12 })).map(([a, n]) => a + '€'.repeat(n))
  const MOST = 60

  it('gives the same events, killed and resumed at any moment', async () => {
    const runs = fc.asyncProperty(
      fc.array(line, { maxLength: 30 }),
      fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 90 }), kill: fc.boolean() }), { maxLength: 12 }),
      fc.integer({ min: 300, max: 400 }),
      async (lines, writes, most) => {
        const bytes = Buffer.from(lines.map((each) => `${each}\n`).join(''))
        const expected = eventsOf(lines)
        const values = { max_line_bytes: `${MOST}B`, multiline: { ...BY_START, flush_after: '1h' } }
        writeFileSync(at('app.log'), '')
        let tail = await start(values)
        const arrived: string[] = []
        let written = 0
        for (const { bytes: count, kill } of writes) {
          appendFileSync(at('app.log'), bytes.subarray(written, written + count))
          written += count
          await tail.poll()
          if (!kill) continue
          await tail.stop()
          arrived.push(...allOf(tail))
          tail = await start(values, { positions: tail.positions })
        }
        appendFileSync(at('app.log'), bytes.subarray(written))
        await tail.stop()
        arrived.push(...allOf(tail))
        const rest = await readAll(values, { positions: tail.positions, storage: shortReads(most) })
        rmSync(at('app.log'))
        expect([...arrived, ...allOf(rest)].sort()).toEqual(expected.sort())
      },
    )
    await fc.assert(runs, { numRuns: 40 })
  })

  /** The definition in five lines. */
  function eventsOf(lines: readonly string[]): string[] {
    const events: string[] = []
    for (const each of lines) {
      if (each.startsWith('[') || events.length === 0) events.push(each)
      else events.push(`${events.pop()}\n${each}`)
    }
    return events.map((event) => {
      const { length } = Buffer.from(event)
      return length > MOST ? `too long: ${length}` : event
    })
  }

  function allOf({ texts, failed }: TestTail): string[] {
    const good = texts.map((text) => Buffer.from(text, 'latin1').toString())
    return [...good, ...failed.map(({ size }) => `too long: ${size}`)]
  }
})

function shortReads(most: number): TailChoices['storage'] & object {
  const disk = diskStorage()
  return {
    open: async (path, mode) => {
      const file = await disk.open(path, mode)
      return {
        ...file,
        read: (target, offset, length, from) => file.read(target, offset, Math.min(length, most), from),
      }
    },
  }
}

async function framesOf(values: { readonly [name: string]: Json }): Promise<Frames[]> {
  const all = readOptions(options, { path: at('app.log'), follow: false, ...values })
  const reader = new Reader(all, sourceContext<Position>())
  const frames: Frames[] = []
  for await (const batch of reader.batches()) if (batch.frames !== undefined) frames.push(batch.frames)
  await reader.close()
  return frames
}
