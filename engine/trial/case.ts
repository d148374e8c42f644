import type { Path, Span } from '../config/faults.ts'
import { parseDuration } from '../quantities.ts'
import type { Json, JsonObject } from '../record.ts'
import { CASE_OPTIONS } from './case-options.ts'
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
  /** Epoch milliseconds. */
  readonly start: number
}

/**
 * The case at `path`. What is not as its schema wants it has been reported already and is passed over here, so that one
 * run tells everything that is wrong with a file.
 */
export async function readCase(given: Json, path: Path, shared: Shared, reading: Reading): Promise<Case> {
  const values = isMap(given) ? given : {}
  const start = readStart(values.start, [...path, 'start'], shared.start, reading)
  const written = writtenSteps(values, path, reading)
  const placed = await readSteps(written, start, reading)
  checkEnd(placed, reading)
  const steps = placed.map(({ step }) => step)
  // Of what could not be read nobody knows what it expects.
  const isRead = hasOnly(values, Object.keys(CASE_OPTIONS)) && written.length > 0 && steps.length === written.length
  if (isRead && !steps.some(({ kind }) => kind === 'expect')) {
    report(reading, [...path, 'name'], 'the case expects nothing', 'add `expect`')
  }
  return {
    name: String(values.name),
    place: placeAt(reading.root, [...path, 'name']),
    environment: { ...shared.environment, ...variablesIn(values.environment) },
    start,
    steps,
  }
}

/** `environment` of a file or of a case. */
export function variablesIn(given: Json | undefined): Record<string, string> {
  const entries = isMap(given) ? Object.entries(given) : []
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]))
}

/** Where the clock starts: what stands at `path`, or else `fallback`. */
export function readStart(given: Json | undefined, path: Path, fallback: number, reading: Reading): number {
  const time = typeof given === 'string' ? timeOf(given, 0) : fallback
  if (time === undefined) report(reading, path, `"${given}" is no time`, TIME_HINT)
  return time ?? fallback
}

interface Placed<S> {
  readonly step: S
  readonly path: Path
}

type PlacedStep = Placed<Step>

/** `input` and `expect` of a case stand for: input, the end of input, expect. */
function writtenSteps(values: JsonObject, path: Path, reading: Reading): readonly Placed<Json>[] {
  const { input, expect, steps } = values
  if (steps === undefined) {
    const written = [
      ...(input === undefined ? [] : [{ input }]),
      { end: true },
      ...(expect === undefined ? [] : [{ expect }]),
    ]
    return written.map((step) => ({ step, path }))
  }
  if (input !== undefined || expect !== undefined) {
    report(reading, [...path, 'steps'], 'a case has either `steps` or `input` and `expect`', 'move them into the steps')
  }
  return Array.isArray(steps) ? steps.map((step, index) => ({ step, path: [...path, 'steps', index] })) : []
}

async function readSteps(written: readonly Placed<Json>[], start: number, reading: Reading): Promise<PlacedStep[]> {
  const found: PlacedStep[] = []
  for (const { step: given, path } of written) {
    const step = isMap(given) ? await readStep(given, path, start, reading) : undefined
    if (step !== undefined) found.push({ step, path })
  }
  return found
}

function hasOnly(map: JsonObject, keys: readonly string[]): boolean {
  return Object.keys(map).every((key) => keys.includes(key))
}

/** Undefined for what is not one thing. */
async function readStep(given: JsonObject, path: Path, start: number, reading: Reading): Promise<Step | undefined> {
  const [kind, ...others] = STEP_KINDS.filter((one) => given[one] !== undefined)
  if (kind === undefined && !hasOnly(given, STEP_KINDS)) return undefined
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
