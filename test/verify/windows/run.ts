import { parseArgs } from 'node:util'
import { isDuckDbInstalled } from './installed.ts'
import { type Verdict, verifyWindows } from './verify.ts'

const USAGE = `usage: npm run verify:windows -- [--records N] [--seed N]

Works out the same windows with streamrun and with DuckDB, from one file of made-up records with disorder and late data,
and compares every result and every late record.

  --records N  how many (default: 1000000)
  --seed N     which (default: 1)
`

const OPTIONS = { records: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } } as const

process.exitCode = await run(process.argv.slice(2))

/** 0: equal; 1: they differ, or something failed; 64: usage. */
async function run(args: readonly string[]): Promise<number> {
  const settings = readArguments(args)
  if (settings === undefined) {
    process.stderr.write(USAGE)
    return 64
  }
  if (!(await isDuckDbInstalled())) {
    process.stderr.write(
      '@duckdb/node-api has no native part on this machine: `npm ci` on a platform that it supports\n',
    )
    return 1
  }
  const begun = performance.now()
  const seconds = () => ((performance.now() - begun) / 1000).toFixed(1).padStart(6)
  const verdicts = await verifyWindows(settings, (text) => process.stderr.write(`${seconds()} s  ${text}\n`))
  process.stdout.write(table(verdicts))
  return verdicts.every(({ difference }) => difference === undefined) ? 0 : 1
}

function readArguments(args: readonly string[]): { records: number; seed: number } | undefined {
  try {
    const { values } = parseArgs({ args: [...args], options: OPTIONS })
    const [records, seed] = [Number(values.records), Number(values.seed)]
    return Number.isInteger(records) && records > 0 && Number.isInteger(seed) ? { records, seed } : undefined
  } catch {
    return undefined
  }
}

function table(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ name, results, late, difference }) => [
    name,
    results.toLocaleString('en-US'),
    late.toLocaleString('en-US'),
    difference === undefined ? 'equal' : `DIFFERENT, ${difference}`,
  ])
  const lines = [['windows', 'results', 'late', ''], ...rows]
  return lines
    .map(([name = '', results = '', late = '', rest = '']) =>
      `${name.padEnd(12)}${results.padStart(12)}${late.padStart(10)}  ${rest}`.trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('')
}
