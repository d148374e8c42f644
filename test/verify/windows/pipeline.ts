import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { streamrun } from '../../streamrun.ts'
import { CASES, type Case, OUT_OF_ORDERNESS } from './cases.ts'

/** Runs all cases in one pipeline, in `folder`, which holds `input.ndjson`; results and late records come into it. */
export async function runPipeline(folder: string): Promise<void> {
  writeFileSync(join(folder, 'windows.yaml'), yaml())
  const { code, stderr } = await streamrun(['windows.yaml', '--quiet'], { cwd: folder })
  if (code !== 0 || stderr !== '') throw new Error(`streamrun ended with ${code}: ${stderr}`)
}

export function resultsOf(folder: string, { name }: Case): string {
  return join(folder, `${name}.ndjson`)
}

export function lateOf(folder: string, { name }: Case): string {
  return join(folder, `${name}-late.ndjson`)
}

function yaml(): string {
  return `name: windows
checkpoint: { interval: 200ms }
sources:
  input:
    type: file-tail
    path: input.ndjson
    follow: false
    timestamp: { from: time, format: epoch_ms, out_of_orderness: ${OUT_OF_ORDERNESS}ms }
processors:
${CASES.map(processor).join('')}sinks:
${CASES.map(sinks).join('')}`
}

function processor(one: Case): string {
  const kind = one.kind === 'session' ? `session: ${one.gap}ms` : `every: ${one.every}ms, slide: ${one.slide}ms`
  return `  ${one.name}:
    { type: window, from: input, ${kind}, by: ${one.by}, lateness: ${one.lateness}ms, aggregate: ${AGGREGATE} }
`
}

const AGGREGATE =
  '{ n: $count($), sum: $sum(price), average: $average(price), min: $min(price), max: $max(price), users: $count($distinct(user)) }'

function sinks({ name }: Case): string {
  return `  ${name}-results: { type: file, from: ${name}, path: ${name}.ndjson }
  ${name}-late: { type: file, from: ${name}.late, path: ${name}-late.ndjson }
`
}
