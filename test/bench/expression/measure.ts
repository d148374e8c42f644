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
  const pass = mode === 'compiled' ? passOf(records, evaluate) : waitingPassOf(records, evaluate)
  const speeds: number[] = []
  return {
    async round() {
      const begun = cpuSeconds()
      let passes = 0
      while (cpuSeconds() - begun < ROUND) {
        await pass()
        passes++
      }
      speeds.push((passes * records.length) / (cpuSeconds() - begun))
    },
    speed: () => median(speeds),
  }
}

/** A loop of its own for each way, so that each can be inlined; results are stored, so that none goes unmade. */
function passOf(records: readonly Order[], evaluate: Way): () => void {
  const source = 'return () => { for (let i = 0; i < records.length; i++) results[i] = evaluate(records[i]) }'
  return new Function('records', 'evaluate', 'results', source)(records, evaluate, new Array(records.length))
}

function waitingPassOf(records: readonly Order[], evaluate: Way): () => Promise<void> {
  const results: unknown[] = new Array(records.length)
  return async () => {
    for (const [index, record] of records.entries()) results[index] = await evaluate(record)
  }
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
