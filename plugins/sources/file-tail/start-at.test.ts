import { appendFileSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readOptions } from '../../../engine/options.ts'
import type { Json } from '../../../engine/plugin.ts'
import { diskStorage } from '../../../engine/storage.ts'
import plugin from './index.ts'
import { parseMoment } from './moment.ts'
import { options } from './options.ts'
import { startTail, type TailChoices, type TestTail } from './reader.fixture.ts'

let folder = ''
let tails: TestTail[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'file-tail-start-'))
  tails = []
})

afterEach(async () => {
  for (const tail of tails) if (!tail.ended) await tail.stop()
  rmSync(folder, { recursive: true, force: true })
})

const at = (name: string) => join(folder, name)

/** `number` is a minute of the first day of 2026. */
function time(number: number): string {
  return new Date(Date.UTC(2026, 0, 1, 0, number)).toISOString()
}

function lines(from: number, to: number, pad = 0): string[] {
  return Array.from({ length: to - from }, (_, index) => `${time(from + index)} line ${from + index}${' '.repeat(pad)}`)
}

function write(name: string, text: string): void {
  writeFileSync(at(name), name.endsWith('.gz') ? gzipSync(text) : text)
}

const textOf = (all: readonly string[]) => all.map((line) => `${line}\n`).join('')

/** Minutes 0 to 9 in `.2.gz`, 10 to 19 in `.1`, 20 to 24 in the file. */
function writeHistory(pad = 0): void {
  write('app.log.2.gz', textOf(lines(0, 10, pad)))
  write('app.log.1', textOf(lines(10, 20, pad)))
  write('app.log', textOf(lines(20, 25, pad)))
}

function valuesFor(since: string, more: { readonly [name: string]: Json } = {}): { readonly [name: string]: Json } {
  return { path: at('app.log'), start_at: { match: '^(\\S+)', since }, ...more }
}

async function start(values: { readonly [name: string]: Json }, choices: TailChoices = {}): Promise<TestTail> {
  const tail = startTail(values, choices)
  tails.push(tail)
  while (!tail.ended && tail.clock.waiting === 0) await tail.settle()
  return tail
}

async function numbersFrom(since: string): Promise<(string | undefined)[]> {
  const { texts, thrown } = await start(valuesFor(since, { follow: false }))
  expect(thrown).toBeUndefined()
  return texts.map((text) => text.split(' ')[2])
}

describe('file-tail, start_at', () => {
  it('begins at the first line at or after the time, wherever that is, and reads on from there', async () => {
    writeHistory()
    for (const minute of [0, 4, 9, 10, 15, 19, 20, 24]) {
      expect(await numbersFrom(time(minute))).toEqual(lines(minute, 25).map((line) => line.split(' ')[2]))
    }
  })

  it('begins with the oldest file when all lines are later, and at the end when none is', async () => {
    writeHistory()
    expect((await numbersFrom('2025-12-31')).length).toBe(25)
    expect(await numbersFrom('2026-01-02')).toEqual([])
  })

  it('gives lines the places that they have in their file, unpacked where it is gzipped', async () => {
    writeHistory()
    const tail = await start(valuesFor(time(7), { follow: false }))
    const packed = gunzipSync(readFileSync(at('app.log.2.gz'))).toString()
    expect(tail.lines[0]).toMatchObject({ line: 8, offset: packed.indexOf(time(7)) })
    expect(tail.lines[3]).toMatchObject({ line: 1, offset: 0, text: lines(10, 11)[0] })
  })

  it('goes on with what is added, and through rotations', async () => {
    writeHistory()
    const tail = await start(valuesFor(time(8)))
    await tail.pass(1_500)
    appendFileSync(at('app.log'), textOf(lines(25, 27)))
    await tail.pass(500)
    renameSync(at('app.log.2.gz'), at('app.log.3.gz'))
    renameSync(at('app.log.1'), at('app.log.2'))
    renameSync(at('app.log'), at('app.log.1'))
    write('app.log', textOf(lines(27, 29)))
    await tail.pass(2_000)
    expect(tail.texts).toEqual(lines(8, 29))
  })

  it('waits at the end for later lines when there are only earlier ones', async () => {
    writeHistory()
    const tail = await start(valuesFor('2026-01-02'))
    appendFileSync(at('app.log'), `${time(24 * 60)} later\n`)
    await tail.pass(500)
    expect(tail.lines).toMatchObject([{ text: `${time(24 * 60)} later`, line: 6 }])
  })

  it('takes all lines of the very time, across files', async () => {
    write('app.log.2.gz', textOf([...lines(3, 4), ...lines(5, 6), ...lines(5, 6)]))
    write('app.log.1', textOf(lines(5, 6)))
    write('app.log', textOf(lines(5, 7)))
    expect(await numbersFrom(time(5))).toEqual(['5', '5', '5', '5', '6'])
  })

  it('applies to the very first start only, even when there was no file then', async () => {
    const first = await start(valuesFor(time(5)))
    await first.stop()
    writeHistory()
    const second = await start(valuesFor(time(5)), { positions: first.positions })
    await second.pass(2_000)
    expect(second.texts).toEqual(lines(20, 25))
  })

  it('is not for a source that was used before without it', async () => {
    writeHistory()
    const first = await start({ path: at('app.log') })
    await first.stop()
    appendFileSync(at('app.log'), textOf(lines(25, 26)))
    const second = await start(valuesFor(time(0)), { positions: first.positions })
    await second.pass(2_000)
    expect(second.texts).toEqual(lines(25, 26))
  })

  it('finds a line behind one that is longer than is kept in memory', async () => {
    write('app.log', `${textOf(lines(0, 1))}${'x'.repeat(1_000_000)}\n${textOf(lines(1, 3))}`)
    const tail = await start(valuesFor(time(1), { follow: false }))
    expect(tail.lines.map(({ text, line }) => [text, line])).toEqual([
      [lines(1, 2)[0], 3],
      [lines(2, 3)[0], 4],
    ])
  })

  it('leaves older rotated files alone that `path` matches too', async () => {
    writeHistory()
    write('app.log.1', textOf(lines(10, 20)))
    const { texts } = await start(valuesFor(time(22), { follow: false, path: at('app.log*') }))
    expect(texts).toEqual(lines(22, 25))
    const all = await start(valuesFor(time(12), { follow: false, path: at('app.log*') }))
    expect(all.texts).toEqual(lines(12, 25))
  })

  it('reads events of several lines and other encodings', async () => {
    write('app.log.1.gz', '')
    writeFileSync(
      at('app.log.1.gz'),
      gzipSync(Buffer.from(textOf([`${time(0)} é`, ' ä', `${time(1)} é`, ' ö']), 'latin1')),
    )
    writeFileSync(at('app.log'), Buffer.from(textOf([`${time(2)} é`, ' ü']), 'latin1'))
    const values = valuesFor(time(1), { follow: false, encoding: 'latin1', multiline: { continue: '^ ' } })
    const texts = (await start(values)).texts.map((text) => Buffer.from(text, 'latin1').toString())
    expect(texts).toEqual([`${time(1)} é\n ö`, `${time(2)} é\n ü`])
  })

  it('stops with SR_IO at a gzipped file that is broken', async () => {
    writeHistory()
    writeFileSync(at('app.log.2.gz'), readFileSync(at('app.log.2.gz')).subarray(0, 60))
    expect((await start(valuesFor(time(3)))).thrown).toMatchObject({ code: 'SR_IO', message: /Z_BUF_ERROR/ })
  })

  it('ends soon when it is told to stop while it searches', async () => {
    writeHistory()
    const tail = startTail(valuesFor(time(3)))
    tails.push(tail)
    await tail.stop()
    expect([...tail.positions.keys()]).toEqual([])
    expect(tail.thrown).toBeUndefined()
  })
})

describe('file-tail, start_at: killed while it reads history', () => {
  it('goes on exactly, in order, from every batch, also when the files have moved on', async () => {
    writeHistory(500_000)
    const expected = lines(3, 25, 500_000)
    const whole = await start(valuesFor(time(3)))
    await whole.pass(3_000)
    expect(whole.texts).toEqual(expected)
    expect(whole.batches.length).toBeGreaterThan(10)
    for (let cut = 1; cut < whole.batches.length; cut += 2) {
      const positions = whole.history[cut]?.positions
      const before = whole.history[cut]?.lines ?? 0
      if (positions === undefined) continue
      const again = await start(valuesFor(time(3)), { positions })
      await again.pass(5_000)
      expect(again.texts.length).toBe(expected.length - before)
      expect([...whole.texts.slice(0, before), ...again.texts]).toEqual(expected)
      await again.stop()
    }
    const middle = whole.history.find((each) => each.lines > 2)
    renameSync(at('app.log.2.gz'), at('app.log.3.gz'))
    renameSync(at('app.log.1'), at('app.log.2'))
    renameSync(at('app.log'), at('app.log.1'))
    write('app.log', textOf(lines(25, 26)))
    const moved = await start(valuesFor(time(3)), middle === undefined ? {} : { positions: middle.positions })
    await moved.pass(8_000)
    expect([...expected.slice(0, middle?.lines), ...moved.texts]).toEqual([...expected, ...lines(25, 26)])
  }, 60_000)
})

describe('file-tail, start_at: any history', () => {
  const entry = fc.oneof(
    { weight: 4, arbitrary: fc.nat({ max: 2 }).map((step) => ({ step })) },
    { weight: 1, arbitrary: fc.constant({ step: undefined }) },
  )
  const files = fc.array(fc.array(entry, { maxLength: 5 }), { minLength: 1, maxLength: 4 })

  it('gives what comes from the first line at or after the time on', async () => {
    const runs = fc.asyncProperty(files, fc.nat({ max: 4 }), fc.nat({ max: 20 }), async (layout, packedFrom, since) => {
      for (const name of readdirSync(folder)) rmSync(at(name))
      const { texts, times } = linesOf(layout)
      for (const [index, all] of texts.entries()) {
        const number = texts.length - 1 - index
        write(number === 0 ? 'app.log' : `app.log.${number}${number > packedFrom ? '.gz' : ''}`, textOf(all))
      }
      const tail = await start(valuesFor(time(since), { follow: false }))
      expect(tail.texts).toEqual(texts.flat().slice(firstOf(times, since)))
    })
    await fc.assert(runs, { numRuns: 100 })
  })

  function linesOf(layout: readonly (readonly { readonly step: number | undefined }[])[]) {
    let minute = 0
    let number = 0
    const timeAfter = (step: number | undefined) => {
      minute += step ?? 0
      return step === undefined ? undefined : minute
    }
    const times = layout.map((file) => file.map(({ step }) => timeAfter(step)))
    const texts = times.map((file) => file.map((at) => `${at === undefined ? 'none' : time(at)} ${number++}`))
    return { texts, times }
  }

  /** The definition: the first line in time; where no other time stands before it in its files, what is before it too. */
  function firstOf(times: readonly (readonly (number | undefined)[])[], since: number): number {
    const all = times.flatMap((file, index) => file.map((at) => ({ at, index })))
    const found = all.findIndex(({ at }) => at !== undefined && at >= since)
    if (found < 0) return all.some(({ at }) => at !== undefined) ? endOf(times) : 0
    const before = all.slice(0, found).findLast(({ at }) => at !== undefined)
    if (before === undefined) return 0
    if (before.index === all[found]?.index) return found
    return all.findIndex(({ index }) => index > before.index)
  }

  /** Behind the last file that has a time. */
  function endOf(times: readonly (readonly (number | undefined)[])[]): number {
    const last = times.findLastIndex((file) => file.some((at) => at !== undefined))
    return times.slice(0, last + 1).flat().length
  }
})

describe('file-tail, start_at: the definition', () => {
  const faults = async (values: { readonly [name: string]: Json }) => {
    const read = readOptions(options, { path: 'a.log', ...values })
    return (await plugin.check?.(read, { storage: diskStorage(), definitionFolder: folder }))?.faults
  }
  const good = { match: '^(\\S+)', since: '2026-01-31' }

  it('refuses patterns that are invalid, unsafe (J-2) or capture nothing, and what is no time', async () => {
    expect(await faults({ start_at: good })).toEqual([])
    for (const match of ['(', '^((a+)+)$', '^\\S+']) {
      expect(await faults({ start_at: { ...good, match } })).toMatchObject([{ path: ['start_at', 'match'] }])
    }
    expect(await faults({ start_at: { ...good, since: '1h' } })).toMatchObject([{ path: ['start_at', 'since'] }])
  })

  it('refuses what contradicts it', async () => {
    expect(await faults({ start_at: good, start: 'end' })).toMatchObject([{ path: ['start_at'] }])
    expect(await faults({ start_at: good, encoding: 'utf-16le' })).toMatchObject([{ path: ['start_at'] }])
  })
})

describe('the time of a line', () => {
  it('is ISO 8601 in UTC or a zone, or a number since 1970', () => {
    const noon = Date.UTC(2026, 0, 31, 12)
    const same = ['2026-01-31T12:00:00Z', '2026-01-31 12:00', '2026-01-31T12:00:00,000', '2026-01-31T14:00+02:00']
    const numbers = ['1769860800', '1769860800000', '1769860800000000', '1769860800000000000', '1769860800.0']
    expect([...same, ...numbers].map(parseMoment)).toEqual([...same, ...numbers].map(() => noon))
    expect(parseMoment('2026-01-31')).toBe(Date.UTC(2026, 0, 31))
    expect(parseMoment('2026-01-31T12:00:00.1239-0130')).toBe(Date.UTC(2026, 0, 31, 13, 30, 0, 123))
  })

  it('is nothing else', () => {
    for (const text of ['', 'now', '31/Jan/2026', '2026-13-01', '2026-01-31T', '-5', '12:00']) {
      expect(parseMoment(text)).toBeNaN()
    }
  })
})
