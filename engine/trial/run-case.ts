import type { Component, Definition } from '../config/definition.ts'
import type { FaultLog, Span } from '../config/faults.ts'
import { didYouMean } from '../config/nearest.ts'
import { StreamrunError } from '../errors.ts'
import type { Storage } from '../storage.ts'
import type { Captured } from './capture-sink.ts'
import type { Case, Step } from './case.ts'
import { type Failure, judge } from './judge.ts'
import { Trial } from './trial.ts'

/** What became of one case. */
export interface CaseResult {
  readonly case: Case
  readonly failures: readonly Failure[]
  /** What stopped the pipeline, if anything did. */
  readonly stopped: string | undefined
}

/** Reports what a case names and the pipeline does not have. */
export function checkCase(one: Case, { components }: Definition, faults: FaultLog): void {
  const sources = components.filter(({ kind }) => kind === 'source').map(({ name }) => name)
  const outputs = [...components.flatMap(outputsOf), DEAD_LETTERS]
  const check = (name: string, known: readonly string[], what: string, at: Span) => {
    if (known.includes(name)) return
    const hint = didYouMean(name, known) ?? `known here: ${known.join(', ')}`
    faults.add({ code: 'SR_TEST_CASE', at, message: `there is no ${what} "${name}" in the pipeline`, hint })
  }
  for (const step of one.steps) {
    if (step.kind === 'input') for (const { source, place } of step.inputs) check(source, sources, 'source', place)
    if (step.kind !== 'expect') continue
    for (const { output, place } of step.expectations) check(output, outputs, 'sink, processor or port', place)
  }
}

const DEAD_LETTERS = 'dead_letters'

function outputsOf(component: Component): string[] {
  const { kind, name, plugin, options } = component
  if (kind === 'sink') return [name]
  if (kind !== 'processor') return []
  const { main, side } = plugin.ports?.(options as never) ?? { main: true, side: [] }
  return [...(main ? [name] : []), ...side.map((port) => `${name}.${port}`)]
}

/** Runs one case in a world of its own; stops at the first step where something is not as expected. */
export async function runCase(one: Case, definition: Definition, disk: Storage): Promise<CaseResult> {
  const { start, environment: variables } = one
  const trial = new Trial(definition, { disk, start, variables, taps: tapsOf(one, definition) })
  const seen = new Map<string, number>()
  try {
    for (const step of one.steps) {
      const failures = await take(step, trial, seen)
      if (failures.length > 0 || trial.failure !== undefined) return { case: one, failures, stopped: reasonOf(trial) }
    }
    return { case: one, failures: [], stopped: undefined }
  } finally {
    await trial.close()
  }
}

function tapsOf({ steps }: Case, { components }: Definition): string[] {
  const wanted = steps.flatMap((step) => (step.kind === 'expect' ? step.expectations : [])).map(({ output }) => output)
  const sinks = components.filter(({ kind }) => kind === 'sink').map(({ name }) => name)
  return [...new Set(wanted)].filter((name) => name !== DEAD_LETTERS && !sinks.includes(name))
}

async function take(step: Step, trial: Trial, seen: Map<string, number>): Promise<readonly Failure[]> {
  switch (step.kind) {
    case 'input':
      for (const { source, records } of step.inputs) await trial.give(source, records)
      return []
    case 'advance':
      await trial.advance(step.ms)
      return []
    case 'restart':
      await trial.restart()
      return []
    case 'end':
      await trial.end()
      return []
    case 'expect': {
      const failures: Failure[] = []
      for (const expectation of step.expectations) {
        const all = await outputOf(trial, expectation.output)
        const failure = await judge(expectation, all.slice(seen.get(expectation.output) ?? 0))
        seen.set(expectation.output, all.length)
        if (failure !== undefined) failures.push(failure)
      }
      return failures
    }
  }
}

async function outputOf(trial: Trial, name: string): Promise<readonly Captured[]> {
  if (name !== DEAD_LETTERS) return trial.output(name)
  const letters = await trial.deadLetters()
  return letters.map((value) => ({ value, key: null, timestamp: trial.clock.now(), headers: {} }))
}

function reasonOf({ failure }: Trial): string | undefined {
  return failure instanceof StreamrunError ? `${failure.code} ${failure.message}` : (failure?.stack ?? failure?.message)
}
