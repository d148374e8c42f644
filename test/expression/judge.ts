/** Judges a way to run JSONata by the package's interpreter. */

import type { Case } from './inputs.ts'
import { isIncomparable, type Outcome, outcomeOf, show } from './outcome.ts'
import { project } from './project.ts'
import { forgetCalls, reference, repairedReference } from './reference.ts'

/** What is judged. */
export interface Subject {
  compile(text: string): Program
}

export interface Program {
  readonly mode: 'compiled' | 'interpreted'
  readonly reads: 'everything' | readonly (readonly string[])[]
  evaluate(input: unknown, bindings: Record<string, unknown>): unknown
}

export interface Fault {
  /** The promise that was broken. */
  readonly promise: string
  readonly expected: string
  readonly got: string
}

/** How often what was judged: a judge that only ever sees empty results proves nothing. */
export type Tally = Map<string, number>

/** The first fault found, if any. */
export async function judge(
  subject: Subject,
  text: string,
  cases: readonly Case[],
  tally: Tally,
): Promise<Fault | undefined> {
  const right = attempt(() => reference(text))
  const mine = attempt(() => subject.compile(text))
  if (!right.ok) {
    count(tally, 'no expression')
    return mine.ok
      ? { promise: 'the same texts are expressions', expected: codeOf(right.thrown), got: 'compiled' }
      : undefined
  }
  if (!mine.ok) {
    if (codeOf(mine.thrown) !== 'unsafe')
      return { promise: 'the same texts are expressions', expected: 'compiled', got: String(mine.thrown) }
    count(tally, 'refused')
    return undefined
  }
  for (const one of cases) {
    const rightly = () => run(right.value.evaluate.bind(right.value), one)
    const expected = await rightly()
    count(
      tally,
      isIncomparable(expected)
        ? 'incomparable'
        : expected.failed
          ? 'error'
          : expected.text === 'undefined'
            ? 'nothing'
            : 'value',
    )
    count(tally, mine.value.mode)
    if (isIncomparable(expected)) continue
    let fault = await judgeCase(text, mine.value, one, expected)
    // Again: what is left open of a time is filled in by the clock, which may have gone on in between.
    for (let again = 0; fault !== undefined && again < 3; again++) {
      fault = await judgeCase(text, mine.value, one, await rightly())
    }
    if (fault !== undefined) return fault
  }
  return undefined
}

async function judgeCase(text: string, program: Program, one: Case, expected: Outcome): Promise<Fault | undefined> {
  const input: unknown = JSON.parse(one.input)
  const before = show(input, 'with marks')
  const got = await run(program.evaluate.bind(program), one, input)
  if (got.text !== expected.text && !(await isRepaired(text, one, got))) {
    return { promise: 'the same outcome', expected: expected.text, got: got.text }
  }
  const after = show(input, 'with marks')
  if (after !== before) return { promise: 'the input is unchanged', expected: before, got: after }
  if (builtinProperties() !== BUILTIN_PROPERTIES) {
    return {
      promise: 'no prototype is changed',
      expected: String(BUILTIN_PROPERTIES),
      got: String(builtinProperties()),
    }
  }
  return judgeReads(program, one, got)
}

/** Right in another way: what the interpreter would say without some faults of its own. */
async function isRepaired(text: string, one: Case, got: Outcome): Promise<boolean> {
  const program = repairedReference(text)
  const repaired = await run(program.evaluate.bind(program), one)
  return isIncomparable(repaired) || repaired.text === got.text
}

/** What `reads` does not name can be taken away, and the outcome stays. */
async function judgeReads(program: Program, one: Case, expected: Outcome): Promise<Fault | undefined> {
  if (program.reads === 'everything') return undefined
  const got = await run(program.evaluate.bind(program), one, project(JSON.parse(one.input), program.reads))
  if (got.text === expected.text) return undefined
  return { promise: `nothing is read but ${JSON.stringify(program.reads)}`, expected: expected.text, got: got.text }
}

function run(
  evaluate: (input: unknown, bindings: Record<string, unknown>) => unknown,
  { input, bindings }: Case,
  parsed: unknown = JSON.parse(input),
): Promise<Outcome> {
  forgetCalls()
  return outcomeOf(() => evaluate(parsed, JSON.parse(bindings)))
}

type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly thrown: unknown }

function attempt<T>(make: () => T): Attempt<T> {
  try {
    return { ok: true, value: make() }
  } catch (thrown) {
    return { ok: false, thrown }
  }
}

function codeOf(thrown: unknown): string {
  return String((thrown as { readonly code?: unknown } | null)?.code ?? thrown)
}

function count(tally: Tally, what: string): void {
  tally.set(what, (tally.get(what) ?? 0) + 1)
}

const PROTOTYPES: readonly object[] = [Object.prototype, Array.prototype, Function.prototype, String.prototype]

function builtinProperties(): number {
  return PROTOTYPES.reduce<number>((sum, prototype) => sum + Reflect.ownKeys(prototype).length, 0)
}

const BUILTIN_PROPERTIES = builtinProperties()
