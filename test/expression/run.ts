import { parseArgs } from 'node:util'
import { COMPILER } from './compiler.ts'
import { describe, fuzz, type Report } from './fuzz.ts'

const USAGE = `usage: npm run fuzz:expression -- [CASES] [--seed N]

Compares compiled expressions with the jsonata package's interpreter on random expressions and inputs, and makes the
first counter-example small. The same seed and number of cases make the same run.

  CASES      pairs of an expression and an input (default: 1000000)
  --seed N   where to begin (default: another one each time)
`

const OPTIONS = { seed: { type: 'string' } } as const

/** Cases between two lines of progress. */
const ROUND = 20_000

process.exitCode = await run(process.argv.slice(2))

/** 0: no fault; 1: a counter-example, on stdout; 64: usage. */
async function run(args: readonly string[]): Promise<number> {
  const command = readCommand(args)
  if (command === undefined) {
    process.stderr.write(USAGE)
    return 64
  }
  process.stdout.write(`seed ${command.seed}, ${command.cases} cases\n`)
  const begun = performance.now()
  for (let done = 0; done < command.cases; done += ROUND) {
    const report = await fuzz(COMPILER, Math.min(ROUND, command.cases - done), command.seed + done)
    process.stdout.write(`${summary(report, done, (performance.now() - begun) / 1000)}\n`)
    if (report.counterExample === undefined) continue
    process.stdout.write(`\n${describe(report.counterExample)}\n\nagain: -- ${ROUND} --seed ${command.seed + done}\n`)
    return 1
  }
  return 0
}

function readCommand(args: readonly string[]): { readonly cases: number; readonly seed: number } | undefined {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
    const [cases, seed] = [Number(positionals[0] ?? 1_000_000), Number(values.seed ?? anySeed())]
    return Number.isInteger(cases) && cases > 0 && Number.isInteger(seed) && positionals.length < 2
      ? { cases, seed }
      : undefined
  } catch {
    return undefined
  }
}

function anySeed(): number {
  return Math.floor(Math.random() * 1e9)
}

function summary({ tally }: Report, done: number, seconds: number): string {
  const parts = [...tally].sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, times]) => `${what} ${times}`)
  return `${done} + ${seconds.toFixed(0)} s: ${parts.join(', ')}`
}
