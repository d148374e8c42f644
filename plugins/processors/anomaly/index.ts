import {
  defineProcessor,
  type Json,
  type ProcessorContext,
  type StreamRecord,
  withValue,
} from '../../../engine/plugin.ts'
import { type KeyReader, keyReader } from '../../shared/by.ts'
import { evaluateInto } from '../../shared/evaluate.ts'
import { oneByOne } from '../../shared/one-by-one.ts'
import { isObject, parsePath, withField } from '../../shared/path.ts'
import { faultsOf } from './checks.ts'
import { Expected } from './expected.ts'
import { Judge } from './judge.ts'
import { Known } from './known.ts'
import { options } from './options.ts'
import { detectorOf, expectedKeys, type GivenRule, identityOf } from './rule.ts'
import { HEARD, Silence } from './silence.ts'

export default defineProcessor({
  type: 'anomaly',
  summary: 'Marks records that break rules, and raises alerts, for each key apart.',
  options,
  overRecords: ['rules'],
  ports: () => ({ main: true, side: ['alerts'] }),
  check: (given) => ({ faults: faultsOf(given), identity: identityOf(given) }),
  open(given, context) {
    const rules = given.rules.map((rule) => ruleOf(rule, given.max_keys, context))
    const silences = rules.flatMap(({ silence }) => (silence === undefined ? [] : [silence]))
    const mark = parsePath(given.mark) ?? []
    const readings = { evaluate: readingsOf(rules) }
    // The watermark of the record that is judged.
    let watermark = Number.NEGATIVE_INFINITY

    function judge({ keys, values }: Readings, record: StreamRecord): void {
      for (let index = 0; index < rules.length; index++) rules[index]?.judge?.check(values[index])
      let broken: string[] | undefined
      for (let index = 0; index < rules.length; index++) {
        const { name, judge, silence } = rules[index] as Rule
        const key = keys[index] as string
        silence?.hear(key, record.timestamp, watermark)
        const verdict = judge?.look(key, values[index], record)
        if (verdict !== undefined) broken = [...(broken ?? []), name]
        if (verdict !== undefined && verdict !== 'marked') tell(verdict)
      }
      records.leave(broken === undefined ? record : marked(record, broken))
    }

    function makeDue(reached: number): boolean {
      for (const silence of silences) if (silence.tellNext(reached, tell)) return true
      return false
    }

    function tell(alert: StreamRecord): void {
      records.leave(alert, 'alerts')
    }

    function marked(record: StreamRecord, names: readonly string[]): StreamRecord {
      const value = isObject(record.value) ? withField(record.value, mark, names) : undefined
      // A value without fields has no place for a mark; its alert has been raised.
      return value === undefined ? record : withValue(record, value)
    }

    function report(): void {
      for (const { judge, silence } of rules) {
        context.metrics.count('forgotten', (judge?.forgotten ?? 0) + (silence?.forgotten ?? 0))
        if (judge !== undefined) judge.forgotten = 0
        if (silence !== undefined) silence.forgotten = 0
      }
    }

    const records = oneByOne({
      visit(record, reached, out) {
        watermark = reached
        return evaluateInto(readings, record, out, judge)
      },
      makeDue,
      done: report,
    })

    return {
      process: records.process,
      wakeAt() {
        const due = silences.flatMap((one) => one.due ?? [])
        return { event: due.length === 0 ? undefined : Math.min(...due) }
      },
      wake(time, out) {
        return time.kind === 'event' ? records.catchUp(time.watermark, out) : undefined
      },
    }
  },
})

interface Rule {
  readonly name: string
  readonly key: KeyReader
  readonly value: { evaluate(record: StreamRecord): Json | undefined | Promise<Json | undefined> } | undefined
  readonly judge: Judge | undefined
  readonly silence: Silence | undefined
}

function ruleOf(given: GivenRule, maxKeys: number, context: ProcessorContext): Rule {
  const { name, severity, absence, cool_down: coolDown, warm_up: warmUp } = given
  const key = keyReader(given.by, context)
  const head = { rule: name, severity, parts: key.parts }
  const detector = detectorOf(given)
  const known = detector && new Known(name, context, detector.learning?.models)
  const judge = detector && known && new Judge({ head, detector, known, warmUp, coolDown, maxKeys })
  const silence =
    absence &&
    new Silence({
      head,
      component: context.id,
      heard: context.state(name, HEARD),
      told: context.state(`${name} told`),
      expected: new Expected(expectedKeys(absence.expected ?? [], key.parts), context.state(`${name} expected`)),
      within: absence.for,
      coolDown,
      maxKeys,
    })
  return { name, key, value: detector && context.expression(detector.of), judge, silence }
}

interface Readings {
  readonly keys: readonly string[]
  readonly values: readonly (Json | undefined)[]
}

/** Everything that the rules ask of a record, before any of them learns from it. What is there at once is valid until the next. */
function readingsOf(rules: readonly Rule[]): (record: StreamRecord) => Readings | Promise<Readings> {
  const keys: (string | Promise<string>)[] = rules.map(() => '')
  const values: ReturnType<NonNullable<Rule['value']>['evaluate']>[] = rules.map(() => undefined)
  const atOnce = { keys, values } as Readings
  return (record) => {
    let waits = false
    for (let index = 0; index < rules.length; index++) {
      const { key, value } = rules[index] as Rule
      const named = key.evaluate(record)
      const found = value?.evaluate(record)
      waits ||= typeof named === 'object' || (typeof found === 'object' && found instanceof Promise)
      keys[index] = named
      values[index] = found
    }
    if (!waits) return atOnce
    return Promise.all([Promise.all(keys), Promise.all(values)]).then(([k, v]) => ({ keys: k, values: v }))
  }
}
