import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type StateChanges, StateTable } from '../../../../engine/checkpoint/keyed-state.ts'
import { type Json, type KeyedState, makeRecord, type StateForm, type StreamRecord } from '../../../../engine/plugin.ts'
import { processorContext } from '../../../../test/contract/index.ts'
import { Reader } from '../reader.ts'
import { resultMaker } from '../results.ts'
import { Rows } from '../rows.ts'
import { withoutNulls } from './nulls.ts'
import { planOf } from './plan.ts'

/** Expressions for which a small running state is known, over values such as `{ n, t, list, o: { n } }`. */
const RECOGNISED = [
  ...[
    '$count($)',
    '$count(n)',
    '$count(list)',
    '$sum(n)',
    '$sum(o.n)',
    '$sum(list)',
    '$average(n)',
    '$average(list.n)',
  ],
  ...[
    '$min(n)',
    '$max(o.n)',
    '$count($distinct(t))',
    '$count($distinct(list))',
    '$count($distinct($))',
    '$count($distinct(o))',
  ],
  ...['$[0]', '$[-1]', '$[0].t', '$[-1].o.n', 't[0]', '(o.n)[-1]', '(list)[0]', 'list[-1]'],
  ...['$sum($[t = "b"].n)', '$count($[n > 1 and $exists(t)])', '$sum($.(n * 2))', '$max($.($exists(n) ? n : 0))'],
  ...[
    '$sum(n) / $count($)',
    '$max(n) - $min(n)',
    '-$sum(n)',
    '$round($average(n), 2)',
    '($count($))',
    '[$min(n), $max(n)]',
  ],
  ...[
    '{"n": $count($), "sum": $sum(n), "none": $sum(missing)}',
    '$count($) > 3 ? "many" : "few"',
    '$string($sum(n)) & "x"',
  ],
  ...['$[-1].n - $[0].n', '$variance(n)', '$stddev(o.n)', '$median(list)', '$percentile(n, 90)', '$approx_distinct(t)'],
  ...['$top(t, 2)', '$top(list, 3)', '$top(o, 1)', '$top(missing, 1)', '$variance(n) / $average(n)'],
]

const values = fc.array(
  fc.record(
    {
      n: fc.option(fc.integer({ min: -1000, max: 1000 })),
      t: fc.option(fc.constantFrom('a', 'b', '', '1', '\0x')),
      list: fc.array(fc.option(fc.integer({ min: 0, max: 5 })), { maxLength: 3 }),
      o: fc.option(fc.record({ n: fc.integer({ min: 0, max: 3 }) }, { requiredKeys: [] })),
    },
    { requiredKeys: [] },
  ),
  { minLength: 1, maxLength: 12 },
)

describe('an aggregate with a running state', () => {
  it.each(RECOGNISED)(
    '%s gives what the expression gives on the array of the values, however they are split and merged',
    async (text) => {
      expect(planOf(new Map([['a', text]])).fields[0]?.kind).not.toBe('general')
      await fc.assert(
        fc.asyncProperty(
          values,
          fc.array(fc.nat({ max: 3 }), { minLength: 12, maxLength: 12 }),
          async (given, parts) => {
            expect(await running(text, given, parts)).toEqual(await plain(text, given))
          },
        ),
        { numRuns: 25 },
      )
    },
  )
})

describe('an aggregate that no running state is known for', () => {
  it.each([
    '$join(t, ",")',
    '$',
    '$sort(n)',
    '$map($, function($v) { $v.n })',
    '$reduce(n, function($a, $b) { $a + $b })',
  ])('%s is evaluated over the array of the values, ordered by time', async (text) => {
    expect(planOf(new Map([['a', text]])).fields[0]?.kind).toBe('general')
    const given = [{ n: 3, t: 'a' }, { n: 1, t: 'b' }, { n: 2 }]
    expect(await running(text, given, [0, 1, 0])).toEqual(await plain(text, given))
  })

  it.each([
    ...['$sum(n * 2)', '$count($)[0]', '$.t[0]', '$random()', '$sum($.($random()))', '$count($$)', '$sum($[n].n)'],
    ...['$sum($[$timestamp > 5].n)', '($x := $sum(n); $x)', '$count($) + n', '$string()', '$count(n, n)'],
    ...['n^(t)[0]', '$sum(n)[0]', 'o.n[0]', '$sum($.({"a": n}))', '$count($){ "a": 1 }'],
  ])('%s keeps the values: a state that is not sure to give the same is not used', (text) => {
    expect(planOf(new Map([['a', text]])).fields[0]?.kind).toBe('general')
  })
})

/** Puts the values into several rows, each of which is written to disk and read again, and merges them. */
async function running(text: string, given: readonly Json[], parts: readonly number[]): Promise<Json | undefined> {
  const context = processorContext()
  const plan = planOf(new Map([['a', text]]))
  const states = plan.states.map((state) => state.create())
  const memory = memoryOfRows()
  const rows = new Rows(memory, states, { keys: 100, bytes: 1e9 })
  const reader = new Reader({ where: undefined, by: [], plan, running: states, context })
  const records = given.map(recordOf)
  const inOrder = parts.slice(0, 4).flatMap((part) => records.filter((_, index) => parts[index] === part))
  for (const record of new Set([...inOrder, ...records])) {
    await reader.read(record)
    const part = parts[records.indexOf(record)] ?? 0
    const known = [...rows.all()].find((row) => rows.start[row] === part)
    reader.addTo(rows, known ?? rows.open('', rows.first(''), part, part), record)
  }
  memory.cut()
  const restored = plan.states.map((state) => state.create())
  const again = new Rows(memory, restored, { keys: 100, bytes: 1e9 })
  const whole = again.scratch()
  for (const row of again.all()) again.merge(whole, row)
  const resultOf = resultMaker({ plan, rows: again, by: [], saysFinal: false, context })
  const result = await resultOf({ key: '', start: 0, end: 1, row: whole, isFinal: true })
  if (result.error !== undefined) throw result.error
  return (result.record.value as { readonly a?: Json }).a
}

/** What is asked of it again is what the last cut has written. */
function memoryOfRows() {
  let kept: readonly (readonly [string, Json])[] = []
  let table = new StateTable<unknown>([])
  return {
    state<V>(_name: string, form?: StateForm<V>): KeyedState<V> {
      const opened = new StateTable<V>(kept, form)
      table = opened as unknown as StateTable<unknown>
      return opened
    },
    cut(): void {
      const changes: StateChanges = table.takeChanges()
      kept = JSON.parse(JSON.stringify([...changes])) as readonly (readonly [string, Json])[]
    },
  }
}

async function plain(text: string, given: readonly Json[]): Promise<Json | undefined> {
  const value = given.flatMap((one) => withoutNulls(one) ?? [])
  const expression = processorContext().expression(text)
  return expression.evaluate({ ...recordOf(null, 0), value } as StreamRecord)
}

function recordOf(value: Json, index: number): StreamRecord {
  const origin = { component: 'in', partition: 'p', position: null }
  return makeRecord({ value, timestamp: 1000 + index, origin })
}
