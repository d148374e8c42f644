import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { systemClock } from '../clock.ts'
import { EXIT, messageOf, RecordError, StreamrunError } from '../errors.ts'
import { describeReads, explainExpression } from '../expression/explain.ts'
import type { Expression } from '../expression/index.ts'
import type { ByteOutput } from '../plugin.ts'
import { type Json, makeRecord, type StreamRecord } from '../record.ts'
import { errorCode } from '../storage.ts'
import { type CommonOptions, readEnvironment, reportingErrors, writeErr, writeOut } from './common.ts'
import { commandFunctions, compileArgument, underlined } from './expression.ts'
import { standardOutput } from './output.ts'

export interface EvalOptions extends Pick<CommonOptions, 'envFile' | 'json'> {
  /** A file, or `-` for standard input. */
  readonly input?: string
  readonly explain?: true
}

/**
 * `streamrun eval EXPRESSION`: its result on every record of the input, one line of JSON each; the line is empty where it
 * yields nothing, or fails, which is told on standard error and by the exit code.
 */
export function evaluate(text: string, options: EvalOptions): Promise<number> {
  return reportingErrors(async () => {
    const expression = compileArgument('expression', text, await readEnvironment(options.envFile))
    if (options.explain) return explain(text, options.json === true)
    const run = { expression, input: options.input, stdout: standardOutput(), failed: 0 }
    await untilOutputCloses(() => evaluateAll(run))
    return run.failed === 0 ? EXIT.done : EXIT.stopped
  })
}

function explain(text: string, json: boolean): number {
  const explanation = explainExpression(text, commandFunctions())
  const { mode, why, reads } = explanation
  if (json) writeOut(`${JSON.stringify(explanation)}\n`)
  else writeOut(`${mode}${why === undefined ? '' : `: ${why}`}\n${describeReads(reads)}\n`)
  return EXIT.done
}

interface Run {
  readonly expression: Expression
  readonly input: string | undefined
  readonly stdout: ByteOutput
  failed: number
}

async function evaluateAll(run: Run): Promise<void> {
  let lines = ''
  for await (const item of recordsOf(run.input)) {
    lines += `${await lineOf(item, run)}\n`
    if (lines.length < FULL) continue
    await run.stdout.write([Buffer.from(lines)])
    lines = ''
  }
  await run.stdout.write([Buffer.from(lines)])
}

/** Characters that are written at once. */
const FULL = 16_384

/** A record, or why there is none. */
interface Item {
  readonly record: StreamRecord | undefined
  readonly fault: string
  /** `events.ndjson:3` */
  readonly place: string
}

async function lineOf({ record, fault, place }: Item, run: Run): Promise<string> {
  if (record === undefined) return fail(`${place}: ${fault}`, run)
  try {
    const result = await run.expression.evaluate(record)
    return result === undefined ? '' : JSON.stringify(result)
  } catch (error) {
    if (!(error instanceof RecordError)) throw error
    const { text } = run.expression
    const caret = error.position === undefined ? '' : underlined(text, error.position)
    return fail(`${place}: ${error.code} ${error.message}${caret}`, run)
  }
}

function fail(message: string, run: Run): string {
  run.failed += 1
  writeErr(`${message}\n`)
  return ''
}

/**
 * Each line is one record; or all of the input is one, where its first line is no JSON by itself. Without an input there
 * is one record, `{}`.
 */
async function* recordsOf(input: string | undefined): AsyncGenerator<Item> {
  const now = systemClock().now()
  if (input === undefined) return yield itemOf('{}', 'no input', 1, now)
  const name = input === '-' ? 'stdin' : input
  let document: string[] | undefined
  let number = 0
  for await (const line of linesOf(input)) {
    number += 1
    if (document === undefined && line.trim() === '') continue
    if (document === undefined && number === 1 && !isJson(line)) document = []
    if (document === undefined) yield itemOf(line, name, number, now)
    else document.push(line)
  }
  if (document !== undefined) yield itemOf(document.join('\n'), name, 1, now)
  return undefined
}

async function* linesOf(input: string): AsyncGenerator<string> {
  const stream = input === '-' ? process.stdin : createReadStream(input)
  try {
    yield* createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })
  } catch (error) {
    const reason = errorCode(error) === 'ENOENT' ? 'there is no such file' : messageOf(error)
    throw new StreamrunError('SR_INPUT_MISSING', `--input ${input}: ${reason}`, { cause: error })
  }
}

function itemOf(text: string, name: string, line: number, timestamp: number): Item {
  const place = `${name}:${line}`
  try {
    const value = JSON.parse(text) as Json
    const origin = { component: 'eval', partition: name, position: { line } }
    return { record: makeRecord({ value, timestamp, origin }), fault: '', place }
  } catch (error) {
    return { record: undefined, fault: `SR_JSON_INVALID ${messageOf(error)}`, place }
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** `| head -1` is no failure. */
async function untilOutputCloses(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (errorCode(error) !== 'EPIPE') throw error
  }
}
