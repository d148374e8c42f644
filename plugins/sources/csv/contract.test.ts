import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Json } from '../../../engine/plugin.ts'
import { describeSource, type SourceFixture } from '../../../test/contract/index.ts'
import csv from './index.ts'

const ROWS = Array.from({ length: 5_000 }, (_, number) => ({
  number,
  city: `Köln "${number % 7}"`,
  note: 'a\nb; c'.repeat(80),
}))
const TEXT = `number;city;note\n${ROWS.map(({ number, city, note }) => `${number};"${city.replaceAll('"', '""')}";"${note}"\n`).join('')}`
const OPTIONS = { csv: { delimiter: ';' }, columns: { number: 'integer' } }

describeSource('csv', fixtureOf(TEXT, OPTIONS, ROWS))

describeSource('csv, with rows that are none', {
  ...fixtureOf(`${TEXT}"open;2\n1;2\n`.replace('\n7;', '\n\n7;8;'), OPTIONS, ROWS.toSpliced(7, 1), [
    'SR_CSV_INVALID',
    'SR_CSV_RAGGED',
    'SR_CSV_RAGGED',
  ]),
})

describeSource(
  'csv, the same file again and again',
  fixtureOf(TEXT, { ...OPTIONS, repeat: true, limit: 12_500 }, [...ROWS, ...ROWS, ...ROWS.slice(0, 2_500)]),
)

function fixtureOf(
  text: string,
  options: { [name: string]: Json },
  rows: readonly Json[],
  failed: string[] = [],
): SourceFixture {
  return {
    plugin: csv,
    async prepare() {
      const folder = await mkdtemp(join(tmpdir(), 'streamrun-csv-'))
      const path = join(folder, 'table.csv')
      await writeFile(path, text)
      return {
        options: { path, ...options },
        broken: { path: join(folder, 'missing.csv') },
        records: [rows],
        failed,
        dispose: () => rm(folder, { recursive: true }),
      }
    },
  }
}
