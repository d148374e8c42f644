import type { Json } from '../record.ts'
import { keysThatDiffer } from '../trial/compare.ts'
import type { Emitted, Example } from '../trial/observe.ts'
import { type Cell, table } from './table.ts'
import type { ExpressionReport, StepReport, TrialReport } from './try-report.ts'

/** A table of the steps; then, step by step, records before and after; then what was not handled, and why. */
export function describeTrial(report: TrialReport): string {
  const { steps } = report
  const parts = [
    stepTable(steps),
    ...steps.map(describeStep),
    ...steps.map(describeSink),
    describeFailures(report.dead_letters),
    'Nothing was written, and no position has moved.\n',
  ]
  return parts.filter((part) => part !== '').join('\n')
}

function stepTable(steps: readonly StepReport[]): string {
  const rows = steps.map((step): Cell[] => {
    const counts = Object.entries(step.counts).map(([name, count]) => `${name} ${count}`)
    const notes = [...counts, ...(step.note === undefined ? [] : [step.note])]
    return [step.name, `${step.kind} ${step.type}`, step.in, step.out, step.dropped, step.failed, notes.join(', ')]
  })
  return table(['step', 'what', 'in', 'out', 'dropped', 'failed', ''], rows)
}

function describeStep({ name, examples = [], expressions = [] }: StepReport): string {
  if (examples.length + expressions.length === 0) return ''
  const lines = examples.flatMap(describeExample).map((line) => `  ${line}`)
  return `${[name, ...lines, ...expressions.map(describeExpression)].join('\n')}\n`
}

function describeExpression({ option, text, evaluations, microseconds }: ExpressionReport): string {
  const place = option === undefined ? '' : `${option}: `
  return `  ${microseconds.toFixed(1).padStart(8)} us each, ${evaluations} times: ${place}${oneLine(text)}`
}

function describeExample(example: Example): string[] {
  switch (example.kind) {
    case 'dropped':
      return [`dropped  ${shown(example.before)}`]
    case 'kept':
      return [`kept     ${shown(example.before)}`]
    case 'failed':
      return [`failed   ${shown(example.before)}`, `         ${example.reason}`]
    case 'made':
      return example.after.map((one) => `made     ${onPort(one)}${shown(one.value)}`)
    case 'changed':
      return [
        `before   ${shown(example.before)}`,
        ...example.after.flatMap((one) => describeAfter(example.before, one)),
      ]
  }
}

function describeAfter(before: Json, after: Emitted): string[] {
  const changed = keysThatDiffer(before, after.value, false)
  const fieldOf = (value: Json, key: string) => (value as { readonly [key: string]: Json })[key]
  const fields = changed.slice(0, MOST_FIELDS).map((key) => {
    const [old, now] = [fieldOf(before, key), fieldOf(after.value, key)]
    if (now === undefined) return `           - ${key}: ${shown(old ?? null)}`
    return `           ${old === undefined ? '+' : '~'} ${key}: ${shown(now)}`
  })
  return [`after    ${onPort(after)}${shown(after.value)}`, ...fields]
}

const MOST_FIELDS = 12

function onPort({ port }: Emitted): string {
  return port === undefined ? '' : `(${port}) `
}

function describeSink({ name, type, records }: StepReport): string {
  if (records === undefined) return ''
  const lines = records.slice(0, 3).map(({ key, value }) => `  ${key === null ? '' : `${key}: `}${shown(value)}`)
  return `${[`${name} (${type}) would get ${records.length} records`, ...lines].join('\n')}\n`
}

function describeFailures({ count, reasons }: TrialReport['dead_letters']): string {
  if (count === 0) return ''
  const lines = reasons
    .slice(0, MOST_REASONS)
    .map(({ component, code, message, count: times }) => `  ${times} x ${oneLine(`${component}: ${code} ${message}`)}`)
  return `${[`${count} would be dead letters`, ...lines].join('\n')}\n`
}

const MOST_REASONS = 20

function shown(value: Json): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}...` : text
}

const MOST_CHARACTERS = 300

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
