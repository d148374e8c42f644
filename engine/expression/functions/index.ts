import type { Random } from '../../random.ts'
import type { FunctionTable } from '../functions.ts'
import { addressFunctions } from './addresses.ts'
import { aggregateFunctions } from './aggregates.ts'
import { chanceFunctions } from './chance.ts'
import { dataFunctions } from './data.ts'
import { type Tables, tableFunctions } from './lookup-table.ts'
import { textFunctions } from './texts.ts'
import { timeFunctions } from './times.ts'

/** What functions need beside their arguments. */
export interface FunctionServices {
  readonly random: Random
  readonly tables: Tables
}

/** A function of ours: what it is called, how it is documented and tested, and what makes it. */
export interface StreamrunFunction {
  readonly signature: string
  /** As the reference shows them: `array, n`; optional ones in brackets. */
  readonly parameters: string
  /** One or two sentences of Markdown. */
  readonly about: string
  /** In the reference, and run as tests: the result of an expression on an input, which is `{}` where it is left out. */
  readonly examples: readonly Example[]
  readonly implement: (services: FunctionServices) => (...args: never[]) => unknown
  /** What is wrong with arguments that are known before anything runs; undefined for those that are not. */
  readonly check?: (args: readonly unknown[], services: Pick<FunctionServices, 'tables'>) => ArgumentFault | undefined
}

export interface Example {
  readonly expression: string
  readonly input?: unknown
  /** Undefined: it yields nothing. */
  readonly result: unknown
}

export interface ArgumentFault {
  /** Which argument, from 0. */
  readonly argument: number
  readonly message: string
  readonly hint?: string | undefined
}

/** All of them, in the order of the reference. */
export const STREAMRUN_FUNCTIONS: Readonly<Record<string, StreamrunFunction>> = {
  ...aggregateFunctions,
  ...timeFunctions,
  ...dataFunctions,
  ...textFunctions,
  ...addressFunctions,
  ...tableFunctions,
}

/** Our functions, and those of the language that draw from `random`, ready to be called. */
export function functionTable(services: FunctionServices): FunctionTable {
  const ours = Object.entries(STREAMRUN_FUNCTIONS).map(([name, { signature, parameters, implement }]) => {
    const implementation = implement(services) as (...args: unknown[]) => unknown
    return [name, { signature, implementation: showingParameters(implementation, parameters) }] as const
  })
  return { ...Object.fromEntries(ours), ...chanceFunctions(services.random) }
}

/** Partial application takes the names of the parameters from the text of a function, where it understands no defaults. */
function showingParameters(implementation: (...args: unknown[]) => unknown, parameters: string) {
  const shown = (...args: unknown[]) => implementation(...args)
  return Object.defineProperties(shown, {
    length: { value: implementation.length },
    toString: { value: () => `(${parameters.replaceAll(/[[\]]/g, '')})` },
  })
}
