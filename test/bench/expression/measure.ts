import jsonata from 'jsonata'
import { compile } from '../../../engine/expression/compile.ts'
import { show } from '../../expression/outcome.ts'
import { median } from '../measure.ts'
import type { Contest } from './contests.ts'
import type { Order } from './records.ts'

/** Evaluations in a second of CPU time, medians over the rounds. */
export interface Speeds {
  readonly mode: 'compiled' | 'interpreted'
  readonly compiled: number
  readonly interpreter: number
  readonly hand: number
}

/** One contest at work: rounds are run in turn with those of all the others, so that a slow minute is shared by all. */
export interface Running {
  readonly contest: Contest
  round(): Promise<void>
  speeds(): Speeds
}

/**
 * Lets the loop that measures call many functions. From then on it inlines none, whichever are measured beside each other:
 * both sides pay for a call, as they do in the loop over a batch, which serves all expressions.
 */
export function warmUp(contests: readonly Contest[], records: readonly Order[]): void {
  const results: unknown[] = new Array(records.length)
  for (const { hand } of contests) goThrough(records, hand, results)
}

/** Throws when the three do not give the same on every record. */
export async function start(contest: Contest, records: readonly Order[]): Promise<Running> {
  const { mode, evaluate } = compile(contest.text)
  const interpreter = jsonata(contest.text)
  const compiled = timer(records, mode, evaluate)
  const interpreted = timer(records, 'interpreted', (record) => interpreter.evaluate(record))
  const hand = timer(records, 'compiled', contest.hand)
  await compare(contest, records, { compiled: evaluate, hand: contest.hand })
  return {
    contest,
    async round() {
      for (const one of [hand, compiled, interpreted]) await one.round()
    },
    speeds: () => ({ mode, compiled: compiled.speed(), interpreter: interpreted.speed(), hand: hand.speed() }),
  }
}

/** Seconds of CPU time that a round takes at least. */
const ROUND = 0.03

type Way = (record: Order) => unknown

function timer(records: readonly Order[], mode: Speeds['mode'], evaluate: Way) {
  const results: unknown[] = new Array(records.length)
  const pass = () =>
    mode === 'compiled'
      ? goThroughOften(records, evaluate, results)
      : goThroughWaiting(records, evaluate as (record: Order) => Promise<unknown>, results)
  const speeds: number[] = []
  return {
    async round() {
      const begun = cpuSeconds()
      let evaluations = 0
      while (cpuSeconds() - begun < ROUND) evaluations += await pass()
      speeds.push(evaluations / (cpuSeconds() - begun))
    },
    speed: () => median(speeds),
  }
}

/** Passes between two looks at the clock, which costs as much as a hundred evaluations of the quickest. */
const PASSES = 10

function goThroughOften(records: readonly Order[], evaluate: Way, results: unknown[]): number {
  for (let times = 0; times < PASSES; times++) goThrough(records, evaluate, results)
  return PASSES * records.length
}

/** One loop for all ways; see `warmUp`. Results are stored, so that none goes unmade. */
function goThrough(records: readonly Order[], evaluate: Way, results: unknown[]): void {
  for (let index = 0; index < records.length; index++) results[index] = evaluate(records[index] as Order)
}

async function goThroughWaiting(
  records: readonly Order[],
  evaluate: (record: Order) => Promise<unknown>,
  results: unknown[],
): Promise<number> {
  for (let index = 0; index < records.length; index++) results[index] = await evaluate(records[index] as Order)
  return records.length
}

async function compare(
  { name, text }: Contest,
  records: readonly Order[],
  ways: Readonly<Record<string, Way>>,
): Promise<void> {
  const interpreter = jsonata(text)
  for (const record of records) {
    const expected = show(await interpreter.evaluate(structuredClone(record)))
    for (const [who, evaluate] of Object.entries(ways)) {
      const got = show(await evaluate(record))
      if (got !== expected) throw new Error(`${name}, ${who}: ${got} instead of ${expected} on ${show(record)}`)
    }
  }
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
