import fc from 'fast-check'
import { anyCases, anyExpression } from './arbitrary.ts'
import { CASES, type Case } from './inputs.ts'
import { type Fault, judge, type Subject, type Tally } from './judge.ts'
import { kindsOf, textOf } from './tree.ts'

export interface Report {
  readonly seed: number
  readonly tally: Tally
  /** What the grammar has written, by kind. */
  readonly kinds: ReadonlyMap<string, number>
  readonly counterExample?: CounterExample
}

/** The smallest that was found. */
export interface CounterExample extends Fault {
  readonly expression: string
  readonly cases: readonly Case[]
}

/** Judges `subject` on that many pairs of an expression and an input, and stops at the first fault. */
export async function fuzz(subject: Subject, cases: number, seed: number): Promise<Report> {
  const tally: Tally = new Map()
  const kinds = new Map<string, number>()
  const property = fc.asyncProperty(anyExpression, anyCases, async (tree, some) => {
    for (const kind of kindsOf(tree)) kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    const fault = await judge(subject, textOf(tree), some, tally)
    if (fault !== undefined) throw new Found(fault)
  })
  const details = await fc.check(property, { numRuns: Math.ceil(cases / CASES), seed })
  const report = { seed, tally, kinds }
  if (!details.failed) return report
  const [tree, some] = details.counterexample ?? []
  const found = details.errorInstance
  if (!(found instanceof Found) || tree === undefined || some === undefined) throw found
  return { ...report, counterExample: { expression: textOf(tree), cases: some, ...found.fault } }
}

export function describe({ expression, cases, promise, expected, got }: CounterExample): string {
  return [
    `broken promise: ${promise}`,
    `expression: ${expression}`,
    // More than one only where an evaluation depends on those before it.
    ...cases.flatMap(({ input, bindings }) => [
      `input:      ${input}`,
      ...(bindings === '{}' ? [] : [`bindings:   ${bindings}`]),
    ]),
    `expected:   ${expected}`,
    `got:        ${got}`,
  ].join('\n')
}

class Found extends Error {
  readonly fault: Fault

  constructor(fault: Fault) {
    super(fault.promise)
    this.fault = fault
  }
}
