import { FUNCTION_ERRORS } from '../expression/functions/errors.ts'
import { type Example, STREAMRUN_FUNCTIONS, type StreamrunFunction } from '../expression/functions/index.ts'
import { DIRECTIVES, SHORTHANDS } from '../time/directives.ts'
import { table } from './reference.ts'

/** The functions that expressions have beside JSONata's own, as Markdown; the examples in it run as tests. */
export function functionReference(): string {
  return Object.entries(STREAMRUN_FUNCTIONS).map(functionPart).join('\n\n')
}

/** What may stand in a time pattern. */
export function directiveTable(): string {
  const own = Object.entries(DIRECTIVES).map(([name, { about }]) => [`\`%${name}\``, about])
  const short = Object.entries(SHORTHANDS).map(([name, pattern]) => [`\`%${name}\``, `\`${pattern}\``])
  return table(['directive', 'what it stands for'], [...own, ...short, ['`%%`', 'a percent sign']])
}

/** The codes that our functions fail with, beyond those of JSONata. */
export function functionErrorTable(): string {
  const own = Object.entries(FUNCTION_ERRORS).filter(([code]) => code.startsWith('D4'))
  return table(['code', 'meaning'], own)
}

function functionPart([name, { parameters, about, examples }]: [string, StreamrunFunction]): string {
  return `### $${name}(${parameters})\n\n${about}\n\n${examples.map(exampleLine).join('\n')}`
}

function exampleLine({ expression, input, result }: Example): string {
  const on = input === undefined ? '' : `on \`${JSON.stringify(input)}\`, `
  const outcome = result === undefined ? 'yields nothing' : `is \`${JSON.stringify(result)}\``
  return `- ${on}\`${expression}\` ${outcome}`
}
