import { parseArgs } from 'node:util'
import { type KillReport, type KillSettings, verifyKills } from './verify.ts'

const USAGE = `usage: npm run verify:kills -- [--kills N] [--orders N] [--seed N]

Kills a pipeline that deduplicates, joins and windows two sources into files with SIGKILL at random moments, again and
again, and compares what it has written in the end with an undisturbed run.

  --kills N   how often (default: 100)
  --orders N  how large the input is (default: 6000)
  --seed N    which input and which moments (default: 1)
`

const OPTIONS = {
  kills: { type: 'string', default: '100' },
  orders: { type: 'string', default: '6000' },
  seed: { type: 'string', default: '1' },
} as const

process.exitCode = await run(process.argv.slice(2))

/** 0: always the same; 1: a difference, or something failed; 64: usage. */
async function run(args: readonly string[]): Promise<number> {
  const settings = readArguments(args)
  if (settings === undefined) {
    process.stderr.write(USAGE)
    return 64
  }
  const report = await verifyKills(settings, (text) => process.stderr.write(`${text}\n`))
  process.stdout.write(describe(report))
  return report.differences.length === 0 ? 0 : 1
}

function readArguments(args: readonly string[]): KillSettings | undefined {
  try {
    const { values } = parseArgs({ args: [...args], options: OPTIONS })
    const settings = { kills: Number(values.kills), orders: Number(values.orders), seed: Number(values.seed) }
    return Object.values(settings).every((one) => Number.isInteger(one) && one > 0) ? settings : undefined
  } catch {
    return undefined
  }
}

function describe({ killed, killedEarly, rounds, lines, differences }: KillReport): string {
  const outputs = Object.entries(lines).map(
    ([name, count]) => `  ${name.padEnd(16)}${count.toLocaleString('en-US')} lines`,
  )
  const verdict = differences.length === 0 ? 'equal in every round' : `DIFFERENT: ${differences.join(', ')}`
  return `${killed} kills (${killedEarly} at the first calls of a run) in ${rounds} rounds\n${outputs.join('\n')}\n${verdict}\n`
}
