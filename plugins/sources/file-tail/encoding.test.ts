import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeBatch } from '../../../engine/codec/encode.ts'
import { recordsOf } from '../../../engine/framed-record.ts'
import type { DecodedFrames } from '../../../engine/frames.ts'
import { readOptions } from '../../../engine/options.ts'
import { createCodec, type Frames, framesBatch, type Json, packBatch, unpackBatch } from '../../../engine/plugin.ts'
import { sourceContext } from '../../../test/contract/context.ts'
import type { EncodingName } from './encoding.ts'
import { options } from './options.ts'
import type { Position } from './position.ts'
import { startTail, type TailChoices, type TestTail } from './reader.fixture.ts'
import { Reader } from './reader.ts'

let folder = ''
let tails: TestTail[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'file-tail-encoding-'))
  tails = []
})

afterEach(async () => {
  for (const tail of tails) if (!tail.ended) await tail.stop()
  rmSync(folder, { recursive: true, force: true })
})

const at = (name: string) => join(folder, name)

function encode(text: string, encoding: EncodingName): Buffer {
  if (encoding === 'utf-8') return Buffer.from(text)
  if (encoding === 'latin1') return Buffer.from(text, 'latin1')
  const bytes = Buffer.from(text, 'utf16le')
  return encoding === 'utf-16be' ? bytes.swap16() : bytes
}

async function start(values: { readonly [name: string]: Json } = {}, choices: TailChoices = {}): Promise<TestTail> {
  const tail = startTail({ path: at('app.log'), ...values }, choices)
  tails.push(tail)
  while (!tail.ended && tail.clock.waiting === 0) await tail.settle()
  return tail
}

function textsOf({ texts }: TestTail): string[] {
  return texts.map((text) => Buffer.from(text, 'latin1').toString())
}

async function framesOf(values: { readonly [name: string]: Json }): Promise<Frames[]> {
  const all = readOptions(options, { path: at('app.log'), follow: false, ...values })
  const reader = new Reader(all, sourceContext<Position>())
  const frames: Frames[] = []
  for await (const batch of reader.batches()) if (batch.frames !== undefined) frames.push(batch.frames)
  await reader.close()
  return frames
}

async function decoded(codec: 'json' | 'lines', encoding: EncodingName): Promise<DecodedFrames[]> {
  const from = { component: 'c', partition: 'p', timestamp: 0 }
  return (await framesOf({ encoding })).map((frames) => createCodec(codec).check(frames, from).good)
}

const ENCODINGS: readonly EncodingName[] = ['utf-8', 'latin1', 'utf-16le', 'utf-16be']
const WIDE: readonly EncodingName[] = ['utf-16le', 'utf-16be']

describe.each(ENCODINGS)('file-tail, encoding %s', (encoding) => {
  const lines = ['one', '', 'zwölf\r', '¼ ÿ', 'end']

  it('hands over UTF-8, with places and original bytes of the file', async () => {
    writeFileSync(at('app.log'), encode(lines.join('\n'), encoding))
    const tail = await start({ encoding, follow: false })
    expect(textsOf(tail)).toEqual(lines)
    const file = readFileSync(at('app.log'))
    for (const [index, text] of lines.entries()) {
      const { offset, line } = tail.lines[index] ?? { offset: -1, line: -1 }
      const bytes = encode(text, encoding)
      expect(file.subarray(offset, offset + bytes.length)).toEqual(bytes)
      expect(line).toBe(index + 1)
    }
    const records = (await decoded('lines', encoding)).flatMap(recordsOf)
    expect(records.map(({ raw }) => Buffer.from(raw ?? []))).toEqual(lines.map((text) => encode(text, encoding)))
    expect(records.map(({ value }) => value)).toEqual(lines.map((text) => text.replace('\r', '')))
  })

  it('leaves lines of several megabytes and many short ones whole', async () => {
    const many = ['ä'.repeat(2_500_000), ...Array.from({ length: 20_000 }, (_, number) => 'é'.repeat(number % 50))]
    writeFileSync(at('app.log'), encode(`${many.join('\n')}\n`, encoding))
    const texts = textsOf(await start({ encoding, follow: false, max_line_bytes: '16MiB' }))
    expect(texts.length).toBe(many.length)
    expect(texts.every((text, index) => text === many[index])).toBe(true)
  })

  it('cuts a line that is too long at a whole character, and dead-letters its own bytes', async () => {
    const text = `${'é'.repeat(2_000_000)}\nnext\n`
    writeFileSync(at('app.log'), encode(text, encoding))
    const values = { encoding, follow: false, max_line_bytes: '1001B' }
    const whole = encoding === 'latin1' ? 1001 : 500
    expect(textsOf(await start({ ...values, on_long_line: 'cut' }))).toEqual(['é'.repeat(whole), 'next'])
    const { failed, lines: read } = await start(values)
    expect(Buffer.from(failed[0]?.raw ?? [])).toEqual(encode(text, encoding).subarray(0, 1001))
    expect(failed[0]?.size).toBe(encode('é', encoding).length * 2_000_000)
    expect(read[0]?.line).toBe(2)
  })

  it('reads events of several lines', async () => {
    writeFileSync(at('app.log'), encode('é1\n  ä\né2\n', encoding))
    const tail = await start({ encoding, multiline: { start: '^é' } })
    expect(textsOf(tail)).toEqual(['é1\n  ä'])
    await tail.pass(1_000)
    expect(textsOf(tail)).toEqual(['é1\n  ä', 'é2'])
    expect([...tail.positions.values()]).toMatchObject([{ offset: encode('é1\n  ä\né2\n', encoding).length, line: 4 }])
  })
})

describe.each(WIDE)('file-tail, encoding %s', (encoding) => {
  it('takes 0A bytes of other characters for no line feed', async () => {
    const lines = ['\u0a00\u0a0a\u010a\u0a01', '\u0a00', '\u010a\u000b\u0a0a']
    writeFileSync(at('app.log'), encode(`${lines.join('\n')}\n`, encoding))
    expect(textsOf(await start({ encoding, follow: false }))).toEqual(lines)
  })

  it('skips a byte order mark at the beginning of a file only', async () => {
    writeFileSync(at('app.log'), encode('\uFEFFone\n\uFEFFtwo\n', encoding))
    const tail = await start({ encoding, follow: false })
    expect(textsOf(tail)).toEqual(['one', '\uFEFFtwo'])
    expect(tail.lines.map(({ offset }) => offset)).toEqual([2, 10])
  })

  it('dead-letters what is not valid in it, as it stands in the file', async () => {
    const lines = ['{"a":"\ud83d"}', '{"a":"\ude00"}', '{"a":"\ud83d\ude00"}']
    writeFileSync(at('app.log'), Buffer.concat([encode(`${lines.join('\n')}\n"x"`, encoding), Buffer.of(0x41)]))
    const [frames] = await framesOf({ encoding })
    if (frames === undefined) throw new Error('no frames')
    const from = { component: 'c', partition: 'p', timestamp: 0 }
    const { good, failed } = createCodec('json').check(frames, from)
    expect(recordsOf(good).map(({ value }) => value)).toEqual([{ a: '😀' }])
    expect(failed.map(({ error }) => error.code)).toEqual(['SR_TEXT_ENCODING', 'SR_TEXT_ENCODING'])
    expect(failed.map(({ raw }) => Buffer.from(raw ?? []))).toEqual(lines.slice(0, 2).map((l) => encode(l, encoding)))
    const [, rest] = await framesOf({ encoding })
    expect(rest && createCodec('json').check(rest, from).failed).toMatchObject([
      { error: { code: 'SR_TEXT_ENCODING' } },
    ])
  })

  it('keeps the places of records when the codec leaves out others', async () => {
    const lines = ['{"n":1}', 'broken', '', '{"n":"é"}', '{"n":3}']
    writeFileSync(at('app.log'), encode(`${lines.join('\n')}\n`, encoding))
    const [frames] = await decoded('json', encoding)
    const records = frames === undefined ? [] : recordsOf(frames)
    expect(records.map(({ origin }) => origin.position)).toEqual([
      { offset: 0, line: 1 },
      { offset: 32, line: 4 },
      { offset: 52, line: 5 },
    ])
    expect(records.map(({ raw }) => Buffer.from(raw ?? []))).toEqual(
      [0, 3, 4].map((index) => encode(lines[index] ?? '', encoding)),
    )
  })

  it('is UTF-8 in what is written, also by way of a durable channel', async () => {
    writeFileSync(at('app.log'), encode('{"n":1.10}\n{"n":"é"}\n', encoding))
    const [frames] = await decoded('json', encoding)
    if (frames === undefined) throw new Error('no frames')
    const json = createCodec('json')
    const written = (chunks: readonly Uint8Array[]) => Buffer.concat(chunks).toString()
    expect(written(encodeBatch(json, framesBatch(frames)).chunks)).toBe('{"n":1.10}\n{"n":"é"}\n')
    const unpacked = unpackBatch(Buffer.concat(packBatch(framesBatch(frames))), () => json)
    expect(written(encodeBatch(json, unpacked).chunks)).toBe('{"n":1.1}\n{"n":"é"}\n')
    expect(unpacked.records.map(({ raw }) => Buffer.from(raw ?? []))).toEqual([
      encode('{"n":1.10}', encoding),
      encode('{"n":"é"}', encoding),
    ])
    expect(unpacked.records.map(({ origin }) => origin.position)).toEqual([
      { offset: 0, line: 1 },
      { offset: 22, line: 2 },
    ])
  })
})

describe('file-tail, encoding: any way of writing', () => {
  const unit = fc.constantFrom('a', 'é', '\n', '\n', '[', '\u0a00', '\u010a', '\u0a0a', '€', '😀')

  it('gives the same lines and events, killed and resumed at any moment', async () => {
    const writes = fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 9 }), kill: fc.boolean() }), { maxLength: 12 })
    const runs = fc.asyncProperty(
      fc.array(unit, { maxLength: 60 }),
      fc.constantFrom(...ENCODINGS),
      fc.boolean(),
      writes,
      async (units, encoding, isMultiline, steps) => {
        const text = encoding === 'latin1' ? units.join('').replaceAll(/[^\n[a-é]/gu, 'x') : units.join('')
        const multiline = isMultiline ? { multiline: { start: '^\\[', flush_after: '1h' } } : {}
        const values = { encoding, ...multiline }
        const bytes = encode(text, encoding)
        writeFileSync(at('app.log'), '')
        let tail = await start(values)
        const arrived: string[] = []
        let written = 0
        for (const { bytes: count, kill } of steps) {
          appendFileSync(at('app.log'), bytes.subarray(written, written + count))
          written += count
          await tail.poll()
          if (!kill) continue
          await tail.stop()
          arrived.push(...textsOf(tail))
          tail = await start(values, { positions: tail.positions })
        }
        await tail.stop()
        appendFileSync(at('app.log'), bytes.subarray(written))
        const rest = await start({ ...values, follow: false }, { positions: tail.positions })
        rmSync(at('app.log'))
        expect([...arrived, ...textsOf(tail), ...textsOf(rest)]).toEqual(recordsIn(text, isMultiline))
      },
    )
    await fc.assert(runs, { numRuns: 60 })
  })

  function recordsIn(text: string, isMultiline: boolean): string[] {
    const lines = text.replace(/\n$/, '').split('\n')
    if (text === '') return []
    if (!isMultiline) return lines
    const events: string[] = []
    for (const line of lines) {
      if (line.startsWith('[') || events.length === 0) events.push(line)
      else events.push(`${events.pop()}\n${line}`)
    }
    return events
  }
})
