import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describeSource, type SourceFixture } from '../../../test/contract/index.ts'
import fileTail from './index.ts'

/** Two files that each come in several batches, a short one, an empty one; a last line without a newline. */
const FILES: readonly (readonly [name: string, lines: readonly string[], end: string])[] = [
  ['a.log', numbered('a', 14_000), '\n'],
  ['b.log', numbered('b', 7_000), ''],
  ['c.log', ['one', '', 'zwölf'], '\n'],
  ['d.log', [], ''],
]

const fixture: SourceFixture = {
  plugin: fileTail,
  async prepare() {
    const folder = await mkdtemp(join(tmpdir(), 'streamrun-tail-'))
    for (const [name, lines, end] of FILES) await writeFile(join(folder, name), lines.join('\n') + end)
    const path = join(folder, '*.log')
    return {
      options: { path, follow: false },
      broken: { path: join(folder, 'missing.log'), follow: false },
      records: FILES.map(([, lines]) => lines),
      dispose: () => rm(folder, { recursive: true }),
    }
  },
}

describeSource('file-tail', fixture)

describeSource('file-tail, with fewer open files than there are', {
  ...fixture,
  async prepare(storage) {
    const input = await fixture.prepare(storage)
    return { ...input, options: { ...input.options, max_open_files: 1 } }
  },
})

describeSource('file-tail, following', {
  ...fixture,
  async prepare(storage) {
    const input = await fixture.prepare(storage)
    // While it follows, a last line without a newline is not finished yet.
    const options = { ...input.options, exclude: String(input.options.path).replace('*', 'b') }
    return { ...input, options, endless: { ...options, follow: true }, records: input.records.toSpliced(1, 1) }
  },
})

describeSource('file-tail, with lines that are too long', {
  plugin: fileTail,
  async prepare() {
    const folder = await mkdtemp(join(tmpdir(), 'streamrun-tail-'))
    const long = 'x'.repeat(5_000)
    const lines = [long, ...numbered('a', 20_000), long, 'short', long]
    await writeFile(join(folder, 'a.log'), `${lines.join('\n')}\n`)
    return {
      options: { path: join(folder, 'a.log'), follow: false, max_line_bytes: '1KiB' },
      records: [lines.filter((line) => line !== long)],
      failed: ['SR_LINE_TOO_LONG', 'SR_LINE_TOO_LONG', 'SR_LINE_TOO_LONG'],
      dispose: () => rm(folder, { recursive: true }),
    }
  },
})

describeSource('file-tail, with events of several lines', {
  plugin: fileTail,
  async prepare() {
    const folder = await mkdtemp(join(tmpdir(), 'streamrun-tail-'))
    const events = numbered('a', 16_000).map((line, index) => line + '\n  at line'.repeat(index % 4))
    const long = `{"long":${'\n  at line'.repeat(500)}`
    await writeFile(join(folder, 'a.log'), [...events, long, ...events, 'last'].join('\n'))
    const multiline = { start: '^(?:\\{|last)', flush_after: '1h' }
    const options = { path: join(folder, 'a.log'), follow: false, max_line_bytes: '1KiB', multiline }
    return {
      options,
      records: [[...events, ...events, 'last']],
      failed: ['SR_LINE_TOO_LONG'],
      dispose: () => rm(folder, { recursive: true }),
    }
  },
})

for (const encoding of ['latin1', 'utf16le'] as const) {
  describeSource(`file-tail, with files in ${encoding}`, {
    plugin: fileTail,
    async prepare() {
      const folder = await mkdtemp(join(tmpdir(), 'streamrun-tail-'))
      const lines = numbered('ä', 40_000)
      await writeFile(join(folder, 'a.log'), Buffer.from(lines.join('\n'), encoding))
      const name = encoding === 'latin1' ? 'latin1' : 'utf-16le'
      return {
        options: { path: join(folder, 'a.log'), follow: false, encoding: name },
        records: [lines],
        dispose: () => rm(folder, { recursive: true }),
      }
    },
  })
}

describeSource('file-tail, from a line in the past on, in a gzipped file', {
  plugin: fileTail,
  async prepare() {
    const folder = await mkdtemp(join(tmpdir(), 'streamrun-tail-'))
    const [oldest, older, live] = [numbered('a', 12_000), numbered('b', 6_000), numbered('c', 4_000)]
    const timed = [oldest, older, live].map((lines, file) =>
      lines.map((line, index) => `${Date.UTC(2026, file, 1) + index} ${line}`),
    )
    const texts = timed.map((lines) => lines.map((line) => `${line}\n`).join(''))
    await writeFile(join(folder, 'app.log.2.gz'), gzipSync(texts[0] ?? ''))
    await writeFile(join(folder, 'app.log.1'), texts[1] ?? '')
    await writeFile(join(folder, 'app.log'), texts[2] ?? '')
    const since = new Date(Date.UTC(2026, 0, 1) + 3_000).toISOString()
    const options = { path: join(folder, 'app.log'), start_at: { match: '^(\\d+) ', since } }
    return {
      options: { ...options, follow: false },
      endless: options,
      broken: { ...options, path: join(folder, 'missing.log'), follow: false },
      records: timed.map((lines, file) => lines.slice(file === 0 ? 3_000 : 0)),
      dispose: () => rm(folder, { recursive: true }),
    }
  },
})

function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, number) => `{"file":"${name}","number":${number},"pad":"............"}`)
}
