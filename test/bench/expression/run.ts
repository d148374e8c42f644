import { parseArgs } from 'node:util'
import { aligned, figure } from '../table.ts'
import { CONTESTS, type Contest } from './contests.ts'
import { type Running, type Speeds, start, warmUp } from './measure.ts'
import { makeRecords } from './records.ts'

const USAGE = `usage: npm run bench:expression -- [NAME...] [--rounds N]

Measures compiled expressions beside the jsonata package's interpreter and beside hand-written JavaScript, all in one
run and in turn, and checks that the three give the same. Evaluations per second of CPU time; the medians count.

  --rounds N   how often each is measured (default: 9)

Names: ${CONTESTS.map(({ name }) => name).join(', ')}
`

const OPTIONS = { rounds: { type: 'string', default: '9' } } as const

/** Few enough to stay in the processor's cache, as the records of one batch do. */
const RECORDS = 200

const HEADINGS = [
  'name',
  'expression',
  'mode',
  'compiled/s',
  'interpreter/s',
  'by hand/s',
  'x interpreter',
  'x by hand',
  'target',
  'reached',
]

process.exitCode = await run(process.argv.slice(2))

/** 0: all ran, whether the targets were reached or not; 64: usage. */
async function run(args: readonly string[]): Promise<number> {
  const command = readCommand(args)
  if (command === undefined) {
    process.stderr.write(USAGE)
    return 64
  }
  const records = makeRecords(RECORDS)
  warmUp(CONTESTS, records)
  const running = await Promise.all(command.contests.map((contest) => start(contest, records)))
  for (let round = 1; round <= command.rounds; round++) {
    process.stderr.write(`round ${round} of ${command.rounds}\n`)
    for (const one of running) await one.round()
  }
  process.stdout.write(report(running))
  return 0
}

function readCommand(
  args: readonly string[],
): { readonly contests: readonly Contest[]; readonly rounds: number } | undefined {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
    const rounds = Number(values.rounds)
    const contests = CONTESTS.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
    return Number.isInteger(rounds) && rounds > 0 && contests.length > 0 ? { contests, rounds } : undefined
  } catch {
    return undefined
  }
}

function report(running: readonly Running[]): string {
  const rows = running.map(({ contest, speeds }) => rowOf(contest, speeds()))
  const missed = rows.filter((row) => row.at(-1) === 'NO').length
  return `${aligned([HEADINGS, ...rows], new Set([0, 1, 2]))}\n\n${rows.length - missed} targets reached, ${missed} missed\n`
}

function rowOf({ name, text, target }: Contest, { mode, compiled, interpreter, hand }: Speeds): string[] {
  const beside = { interpreter: compiled / interpreter, hand: compiled / hand }
  const reached = beside.interpreter >= target.interpreter && beside.hand >= (target.hand ?? 0)
  const goal = target.hand === undefined ? `${target.interpreter}` : `${target.interpreter} and ${target.hand}`
  return [
    name,
    text.length > 50 ? `${text.slice(0, 47)}...` : text,
    mode,
    ...[compiled, interpreter, hand].map((speed) => figure(speed, 0)),
    figure(beside.interpreter, 1),
    figure(beside.hand, 2),
    goal,
    reached ? 'yes' : 'NO',
  ]
}
