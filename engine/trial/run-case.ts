import type { Component, Definition } from '../config/definition.ts'
import type { FaultLog } from '../config/faults.ts'
import { didYouMean } from '../config/nearest.ts'
import { StreamrunError } from '../errors.ts'
import type { Storage } from '../storage.ts'
import type { Captured } from './capture-sink.ts'
import type { Case, Step } from './case.ts'
import type { Expectation } from './expectation.ts'
import type { Input } from './input.ts'
import { type Failure, judge } from './judge.ts'
import { makesItsOwn } from './own-records.ts'
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
  for (const step of one.steps) {
    if (step.kind === 'input') for (const input of step.inputs) checkInput(input, components, faults)
    if (step.kind === 'expect')
      for (const expectation of step.expectations) checkOutput(expectation, components, faults)
  }
}

function checkInput({ source, place: at, given }: Input, components: readonly Component[], faults: FaultLog): void {
  const sources = components.filter((component) => component.kind === 'source')
  const component = sources.find(({ name }) => name === source)
  if (component === undefined) {
    const known = sources.map(({ name }) => name)
    faults.add({ code: 'SR_TEST_CASE', at, message: notThere('source', source), hint: hintFor(source, known) })
  } else if (given.kind === 'own' && !makesItsOwn(component)) {
    const message = `"${source}" makes no records of its own`
    faults.add({ code: 'SR_TEST_CASE', at, message, hint: 'give it a list of them, or a `file`' })
  }
}

function checkOutput({ output, place: at }: Expectation, components: readonly Component[], faults: FaultLog): void {
  const known = [...components.flatMap(outputsOf), DEAD_LETTERS]
  if (known.includes(output)) return
  const message = notThere('sink, processor or port', output)
  faults.add({ code: 'SR_TEST_CASE', at, message, hint: hintFor(output, known) })
}

function notThere(what: string, name: string): string {
  return `there is no ${what} "${name}" in the pipeline`
}

function hintFor(name: string, known: readonly string[]): string {
  return didYouMean(name, known) ?? `known here: ${known.join(', ')}`
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
  } catch (error) {
    if (!(error instanceof StreamrunError)) throw error
    return { case: one, failures: [], stopped: `${error.code} ${error.message}` }
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
      for (const { source, given } of step.inputs) {
        await (given.kind === 'records' ? trial.give(source, given.records) : trial.giveOwn(source, given.first))
      }
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
