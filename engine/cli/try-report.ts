import type { Component, Definition } from '../config/definition.ts'
import type { Json } from '../record.ts'
import { keysThatDiffer } from '../trial/compare.ts'
import type { Emitted, Example, Observation } from '../trial/observe.ts'
import type { Sample } from '../trial/sample.ts'
import { Script } from '../trial/script-source.ts'
import type { Trial } from '../trial/trial.ts'
import { type Cell, table } from './table.ts'

/** What `streamrun try` has seen. */
export interface Tried {
  readonly definition: Definition
  readonly samples: ReadonlyMap<string, Sample | Script>
  readonly seen: ReadonlyMap<string, Observation>
  readonly trial: Trial
}

type Letter = { readonly [key: string]: Json }

/** A table of the steps; then, step by step, records before and after; then what was not handled, and why. */
export async function describeTrial(tried: Tried): Promise<string> {
  const { definition } = tried
  const steps = definition.components.filter(({ kind }) => kind === 'processor')
  const letters = await tried.trial.deadLetters()
  const parts = [
    stepTable(tried, letters),
    ...steps.map((step) => describeStep(step, tried)),
    ...definition.components.filter(({ kind }) => kind === 'sink').map((sink) => describeSink(sink, tried)),
    describeFailures(letters),
    'Nothing was written, and no position has moved.\n',
  ]
  return parts.filter((part) => part !== '').join('\n')
}

/** What the engine counts by itself; everything else is a port, or a count of the plugin's own. */
const ENGINE_COUNTS = ['in', 'out', 'bytes', 'dropped', 'failed']

function stepTable({ definition, samples, trial }: Tried, letters: readonly Letter[]): string {
  const rows = definition.components.map((component): Cell[] => {
    const counts = new Map(trial.metrics.components.find(({ name }) => name === component.name)?.counts)
    const others = [...counts].filter(([name]) => !ENGINE_COUNTS.includes(name)).map(([name, n]) => `${name} ${n}`)
    const note = noteOn(samples.get(component.name))
    const [came, left] =
      component.kind === 'source' ? [undefined, counts.get('in') ?? 0] : [counts.get('in'), counts.get('out')]
    const shown = component.kind === 'sink' ? [trial.output(component.name).length, undefined] : [came, left]
    return [
      component.name,
      `${component.kind} ${component.type}`,
      ...shown,
      counts.get('dropped'),
      letters.filter((letter) => letter.component === component.name).length || undefined,
      [...others, ...(note === undefined ? [] : [note])].join(', '),
    ]
  })
  return table(['step', 'what', 'in', 'out', 'dropped', 'failed', ''], rows)
}

function noteOn(sample: Sample | Script | undefined): string | undefined {
  return sample === undefined || sample instanceof Script ? undefined : sample.note
}

function describeStep({ name, options }: Component, { seen }: Tried): string {
  const observation = seen.get(name)
  if (observation === undefined) return ''
  const examples = observation.examples.flatMap(describeExample)
  const used = [...observation.costs].filter(([, { evaluations }]) => evaluations > 0)
  const costs = used.map(([text, { evaluations, milliseconds }]) => {
    const micros = (milliseconds * 1000) / Math.max(1, evaluations - 1)
    return `  ${micros.toFixed(1).padStart(8)} us each, ${evaluations} times: ${placeOf(text, options)}${oneLine(text)}`
  })
  if (examples.length + costs.length === 0) return ''
  return `${[name, ...examples.map((line) => `  ${line}`), ...costs].join('\n')}\n`
}

/** The option that holds the expression, if it is told by its text. */
function placeOf(text: string, options: Component['options']): string {
  for (const [option, value] of Object.entries(options)) {
    if (value === text) return `${option}: `
    const field = value instanceof Map ? [...value].find(([, one]) => one === text)?.[0] : undefined
    if (field !== undefined) return `${option}.${field}: `
  }
  return ''
}

function describeExample(example: Example): string[] {
  switch (example.kind) {
    case 'dropped':
      return [`dropped  ${shown(example.before)}`]
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

function describeSink({ name, type }: Component, { trial }: Tried): string {
  const records = trial.output(name)
  const lines = records.slice(0, 3).map(({ key, value }) => `  ${key === null ? '' : `${key}: `}${shown(value)}`)
  return `${[`${name} (${type}) would get ${records.length} records`, ...lines].join('\n')}\n`
}

function describeFailures(letters: readonly Letter[]): string {
  if (letters.length === 0) return ''
  const reasons = new Map<string, number>()
  for (const { component, code, message } of letters) {
    const reason = `${component}: ${code} ${message}`
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  }
  const lines = [...reasons].toSorted((a, b) => b[1] - a[1]).slice(0, 20)
  return `${[`${letters.length} would be dead letters`, ...lines.map(([reason, n]) => `  ${n} x ${oneLine(reason)}`)].join('\n')}\n`
}

function shown(value: Json): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}...` : text
}

const MOST_CHARACTERS = 300

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
