import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Bench } from '../bench.ts'
import { start, type Usage } from '../measure.ts'
import { type PipelineShape, streamrun } from '../pipelines.ts'

/** Both ends of a pipeline that follows its input. */
export interface Ends {
  readonly tailed: string
  readonly delivered: string
}

const FIRST_LINE = '{}\n'

/**
 * Calls `use` while streamrun follows a file, and stops it afterwards. The file holds one line before; that it was
 * delivered is how we know that streamrun is up.
 */
export async function whileFollowing<T>(
  bench: Bench,
  codec: PipelineShape['codec'],
  use: (ends: Ends, signal: AbortSignal) => Promise<T>,
): Promise<{ readonly used: T; readonly usage: Usage }> {
  const folder = bench.folder()
  const [tailed, delivered] = [join(folder, 'tailed.ndjson'), join(folder, 'delivered.ndjson')]
  writeFileSync(tailed, FIRST_LINE)
  const { ended, stop } = start(streamrun({ input: tailed, output: delivered, codec, follow: true }, folder))
  const over = new AbortController()
  const endedEarly = ended.then(failEarly)
  try {
    await Promise.race([endedEarly, reached(delivered, FIRST_LINE.length, over.signal)])
    const used = await Promise.race([endedEarly, use({ tailed, delivered }, over.signal)])
    stop()
    return { used, usage: await ended }
  } finally {
    over.abort()
    stop()
  }
}

const PATIENCE_MS = 60_000

/** Resolves when a file has at least so many bytes; rejects when it does not grow for a minute, or by the signal. */
export async function reached(path: string, bytes: number, signal: AbortSignal): Promise<void> {
  let size = 0
  for (let deadline = performance.now() + PATIENCE_MS; size < bytes; await wait(1, undefined, { signal })) {
    const before = size
    size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
    if (size > before) deadline = performance.now() + PATIENCE_MS
    else if (performance.now() > deadline) throw new Error(`${path} stays at ${size} bytes, not ${bytes}`)
  }
}

function failEarly(): never {
  throw new Error('streamrun ended by itself although it follows its input')
}
