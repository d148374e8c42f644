import type { Path, Span } from '../config/faults.ts'
import { parseDuration } from '../quantities.ts'
import type { Json, JsonObject } from '../record.ts'
import { type Expectation, readExpectations } from './expectation.ts'
import { type Input, readInputs } from './input.ts'
import { isMap, placeAt, type Reading, report, TIME_HINT, timeOf } from './reading.ts'

/** One case of a test file. */
export interface Case {
  readonly name: string
  /** Where it stands. */
  readonly place: Span
  readonly environment: Readonly<Record<string, string>>
  /** Where its clock starts, epoch milliseconds. */
  readonly start: number
  readonly steps: readonly Step[]
}

export type Step =
  | { readonly kind: 'input'; readonly inputs: readonly Input[] }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'restart' }
  | { readonly kind: 'end' }
  | { readonly kind: 'expect'; readonly expectations: readonly Expectation[] }

/** What the cases of a file have in common. */
export interface Shared {
  readonly environment: Readonly<Record<string, string>>
  readonly start: string
}

/**
 * The case at `path`. What is not as its schema wants it has been reported already and is passed over here, so that one
 * run tells everything that is wrong with a file.
 */
export async function readCase(given: Json, path: Path, shared: Shared, reading: Reading): Promise<Case> {
  const values = isMap(given) ? given : {}
  const written = typeof values.start === 'string' ? values.start : shared.start
  const start = timeOf(written, 0)
  if (start === undefined) report(reading, [...path, 'start'], `"${written}" is no time`, TIME_HINT)
  const placed = await readSteps(values, path, start ?? 0, reading)
  checkEnd(placed, reading)
  const steps = placed.map(({ step }) => step)
  if (!steps.some(({ kind }) => kind === 'expect')) {
    report(reading, [...path, 'name'], 'the case expects nothing', 'add `expect`')
  }
  return {
    name: String(values.name),
    place: placeAt(reading.root, [...path, 'name']),
    environment: { ...shared.environment, ...variablesIn(values.environment) },
    start: start ?? 0,
    steps,
  }
}

/** `environment` of a file or of a case. */
export function variablesIn(given: Json | undefined): Record<string, string> {
  const entries = isMap(given) ? Object.entries(given) : []
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]))
}

interface PlacedStep {
  readonly step: Step
  readonly path: Path
}

/** `input` and `expect` of a case stand for: input, the end of input, expect. */
async function readSteps(values: JsonObject, path: Path, start: number, reading: Reading): Promise<PlacedStep[]> {
  const { input, expect, steps } = values
  if (steps === undefined) {
    const written = [
      ...(input === undefined ? [] : [{ input }]),
      { end: true },
      ...(expect === undefined ? [] : [{ expect }]),
    ]
    return stepsAt(written, () => path, start, reading)
  }
  if (input !== undefined || expect !== undefined) {
    report(reading, [...path, 'steps'], 'a case has either `steps` or `input` and `expect`', 'move them into the steps')
  }
  return stepsAt(Array.isArray(steps) ? steps : [], (index) => [...path, 'steps', index], start, reading)
}

async function stepsAt(
  written: readonly Json[],
  pathOf: (index: number) => Path,
  start: number,
  reading: Reading,
): Promise<PlacedStep[]> {
  const found: PlacedStep[] = []
  for (const [index, entry] of written.entries()) {
    const path = pathOf(index)
    const step = isMap(entry) ? await readStep(entry, path, start, reading) : undefined
    if (step !== undefined) found.push({ step, path })
  }
  return found
}

/** Undefined, with a fault, for what is not one thing. */
async function readStep(given: JsonObject, path: Path, start: number, reading: Reading): Promise<Step | undefined> {
  const [kind, ...others] = STEP_KINDS.filter((one) => given[one] !== undefined)
  if (kind === undefined || others.length > 0) {
    report(reading, path, 'a step is one thing', `one of ${STEP_KINDS.map((one) => `\`${one}\``).join(', ')} each`)
    return undefined
  }
  const content = given[kind]
  switch (kind) {
    case 'input':
      return { kind, inputs: isMap(content) ? await readInputs(content, [...path, kind], start, reading) : [] }
    case 'advance':
      return { kind, ms: parseDuration(String(content)) }
    case 'expect': {
      const expectations = isMap(content) ? await readExpectations(content, [...path, kind], start, reading) : []
      return { kind, expectations }
    }
    default:
      return { kind }
  }
}

const STEP_KINDS = ['input', 'advance', 'restart', 'end', 'expect'] as const

/** Behind the end nobody reads any more: what is given there would be passed over without a word. */
function checkEnd(steps: readonly PlacedStep[], reading: Reading): void {
  let ended = false
  for (const { step, path } of steps) {
    if (ended && step.kind !== 'expect' && step.kind !== 'restart') {
      report(reading, path, `\`${step.kind}\` comes after the end`, 'put it before `end`, or a `restart` in between')
    }
    ended = step.kind === 'end' || (ended && step.kind !== 'restart')
  }
}
