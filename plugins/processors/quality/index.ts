import {
  type CheckContext,
  type Check as Checked,
  defineProcessor,
  type Json,
  makeRecord,
  type StreamRecord,
} from '../../../engine/plugin.ts'
import { boundsFaults } from '../../shared/bounds.ts'
import { evaluateInto } from '../../shared/evaluate.ts'
import { oneByOne } from '../../shared/one-by-one.ts'
import { type Check, type Given, type GivenCheck, MEASURE_NAMES, measuresIn, openCheck, schemaFault } from './check.ts'
import { options } from './options.ts'
import { WINDOW } from './tally.ts'
import { type Closed, Windows } from './windows.ts'

export default defineProcessor({
  type: 'quality',
  summary: 'Measures the quality of data window by window, and raises alerts where it is not good enough.',
  options,
  ports: () => ({ main: true, side: ['results', 'alerts'] }),
  check: async (given, context) => ({ faults: await faultsOf(given, context), identity: identityOf(given) }),
  async open(given, context) {
    const history = context.state<never>('history')
    const checks: Check[] = []
    for (const one of given.checks) checks.push(await openCheck(one, given, history, context))
    const { every, lateness } = given
    const times = { every, lateness, checks: checks.length }
    const windows = new Windows(context.state('windows', WINDOW), context.state('next'), times)
    let late = 0

    const values = {
      evaluate(record: StreamRecord): Values | Promise<Values> {
        const found = checks.map(({ of }) => of?.evaluate(record))
        return found.some((one) => one instanceof Promise) ? Promise.all(found) : (found as Values)
      },
    }

    function count(record: StreamRecord, found: Values): void {
      const window = windows.take(record.timestamp)
      if (window === undefined) late += 1
      else {
        window.records += 1
        for (const [index, check] of checks.entries()) {
          const tally = window.tallies[index]
          if (tally !== undefined) check.count(tally, record, found[index])
        }
      }
      records.leave(record)
    }

    function makeDue(watermark: number): boolean {
      const closed = windows.close(watermark)
      if (closed === undefined) return false
      for (const [report, port] of reportsOn(closed, checks, context.id)) records.leave(report, port)
      return true
    }

    const records = oneByOne({
      visit: (record, _, out) => evaluateInto(values, record, out, (found) => count(record, found)),
      makeDue,
      done() {
        context.metrics.count('late', late)
        late = 0
      },
    })

    return {
      // A result has the time of the end of its window.
      delay: lateness,
      process: records.process,
      wakeAt: () => ({ event: windows.due }),
      wake: (time, out) => (time.kind === 'event' ? records.catchUp(time.watermark, out) : undefined),
    }
  },
})

type Values = readonly (Json | undefined)[]

/** The result of a window, and an alert for each check that it does not pass. */
function reportsOn(
  { start, end, window }: Closed,
  checks: readonly Check[],
  component: string,
): [StreamRecord, string][] {
  const [window_start, window_end] = [isoOf(start), isoOf(end)]
  const judged = checks.map((check, index) => {
    const tally = window.tallies[index]
    return { check, verdict: tally === undefined ? undefined : check.judge(tally, window) }
  })
  const record = (value: Json, partition: string) =>
    makeRecord({ value, timestamp: end - 1, origin: { component, partition, position: null } })
  const found = Object.fromEntries(judged.map(({ check, verdict }) => [check.name, verdict as unknown as Json]))
  const ok = judged.every(({ verdict }) => verdict?.ok !== false)
  const result = record({ window_start, window_end, records: window.records, ok, checks: found }, 'results')
  const alerts = judged.flatMap(({ check: { name, severity }, verdict }): [StreamRecord, string][] => {
    if (verdict === undefined || verdict.ok) return []
    const { observed, expected } = verdict
    const value = { check: name, severity, window_start, window_end, records: window.records, observed, expected }
    return [[record(value, 'alerts'), 'alerts']]
  })
  return [[result, 'results'], ...alerts]
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString()
}

/** Bounds may change; what was counted, and of which check, may not. */
function identityOf({ every, checks }: Given): Json {
  const counted = checks.map((one) => [one.name, measuresIn(one), ...measuresIn(one).map((name) => ofIn(one, name))])
  return JSON.parse(JSON.stringify({ every, counted })) as Json
}

function ofIn(check: GivenCheck, name: (typeof MEASURE_NAMES)[number]): Json {
  return (check[name] as { readonly of?: Json }).of ?? null
}

async function faultsOf({ checks }: Given, context: CheckContext): Promise<NonNullable<Checked['faults']>> {
  const names = checks.map(({ name }) => name)
  const faults = checks.map(async (one, index) => {
    const path = ['checks', index]
    const [first, ...others] = measuresIn(one)
    const schema = await schemaFault(one, context)
    const isTaken = names.indexOf(one.name) < index
    return [
      ...(isTaken
        ? [{ path: [...path, 'name'], code: 'SR_DUPLICATE_NAME', message: 'another check has this name' } as const]
        : []),
      ...(first === undefined
        ? [
            {
              path,
              code: 'SR_MISSING_OPTION',
              message: 'no measure',
              hint: `one of ${MEASURE_NAMES.join(', ')}`,
            } as const,
          ]
        : []),
      ...others.map((other) => {
        const message = `there is \`${first}\` already: one measure a check`
        return { path: [...path, other], code: 'SR_OPTION_REFUSED', message } as const
      }),
      ...(schema === undefined ? [] : [{ ...schema, path: [...path, 'compliance', ...schema.path] }]),
      ...(one.volume === undefined ? [] : boundsFaults(one.volume, [...path, 'volume'])),
    ]
  })
  return (await Promise.all(faults)).flat()
}
