import { createReadStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { isDeepStrictEqual } from 'node:util'
import { CASES, type Case } from './cases.ts'
import { writeInput } from './input.ts'
import type { Oracle } from './oracle.ts'
import { lateOf, resultsOf, runPipeline } from './pipeline.ts'

/** What was compared of one case. */
export interface Verdict {
  readonly name: string
  /** Windows, and late records, that both have. */
  readonly results: number
  readonly late: number
  /** The first place where the two differ; undefined: they are equal. */
  readonly difference: string | undefined
}

/** Writes so many records, lets streamrun and the oracle work out their windows, and compares, in order. */
export async function verifyWindows(
  { records, seed }: { readonly records: number; readonly seed: number },
  say: (text: string) => void,
): Promise<Verdict[]> {
  const folder = mkdtempSync(join(tmpdir(), 'streamrun-verify-'))
  try {
    const input = join(folder, 'input.ndjson')
    say(`writing ${records.toLocaleString('en-US')} records`)
    writeInput(input, records, seed)
    say('streamrun')
    await runPipeline(folder)
    say('DuckDB')
    const { Oracle } = await import('./oracle.ts')
    const oracle = await Oracle.open(input)
    const verdicts: Verdict[] = []
    for (const one of CASES) {
      say(one.name)
      verdicts.push(await verifyCase(one, folder, oracle))
    }
    oracle.close()
    return verdicts
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function verifyCase(one: Case, folder: string, oracle: Oracle): Promise<Verdict> {
  await oracle.run(one)
  const results = await compare(parsed(resultsOf(folder, one)), oracle.results(one))
  const lateIds = map(parsed(lateOf(folder, one)), (record) => (record as { id: number }).id)
  const late = await compare(lateIds, oracle.late())
  const difference = results.difference ?? (late.difference && `late: ${late.difference}`)
  return { name: one.name, results: results.equal, late: late.equal, difference }
}

/** In lockstep, so that neither is held in memory. */
async function compare(
  found: AsyncIterator<unknown>,
  expected: AsyncIterator<unknown>,
): Promise<{ readonly equal: number; readonly difference: string | undefined }> {
  for (let equal = 0; ; equal++) {
    const [a, b] = [await found.next(), await expected.next()]
    if (a.done && b.done) return { equal, difference: undefined }
    if (a.done !== b.done || !isDeepStrictEqual(a.value, b.value)) {
      return { equal, difference: `no. ${equal + 1}: streamrun ${shown(a)}, DuckDB ${shown(b)}` }
    }
  }
}

function shown({ done, value }: IteratorResult<unknown>): string {
  return done ? 'has no more' : JSON.stringify(value)
}

async function* parsed(path: string): AsyncGenerator<unknown> {
  for await (const line of createInterface({ input: createReadStream(path) })) yield JSON.parse(line)
}

async function* map<A, B>(values: AsyncIterable<A>, change: (value: A) => B): AsyncGenerator<B> {
  for await (const value of values) yield change(value)
}
