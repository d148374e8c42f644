import type { ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect } from 'vitest'
import type { JsonObject } from '../engine/plugin.ts'
import { startStreamrun, until } from './streamrun.ts'

/** For tests of pipelines/ecommerce.yaml: where its log is, in a working directory. */
export const LOGS = 'data/logs'

/** A test that fails leaves nothing running. */
const started: ChildProcess[] = []
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

/** The pipeline with a shop where so many things happen in a second. */
export function startEcommerce(cwd: string, rate: number, more: Readonly<Record<string, string>> = {}) {
  const env = { PRODUCE_RATE_PER_SEC: String(rate), ...more }
  const { child, ended } = startStreamrun(['pipelines/ecommerce.yaml'], { cwd, env })
  started.push(child)
  let stdout = ''
  let hasSpoken = false
  child.stderr?.once('data', () => {
    hasSpoken = true
  })
  child.stdout?.on('data', (data) => {
    stdout += data
  })
  return {
    get stdout() {
      return stdout
    },
    /** Fails when the pipeline ends before it holds. */
    async until(condition: () => boolean | Promise<boolean>): Promise<void> {
      await until(async () => child.exitCode !== null || condition())
      if (child.exitCode !== null) expect(await ended).toBe('running')
    },
    async stop(): Promise<void> {
      // Before it says something, it does not listen to signals either.
      await until(() => hasSpoken || child.exitCode !== null)
      child.kill('SIGTERM')
      const { code, stderr } = await ended
      expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    },
    async kill(): Promise<void> {
      child.kill('SIGKILL')
      expect((await ended).signal).toBe('SIGKILL')
    },
  }
}

export function idsIn(events: readonly JsonObject[]): ReadonlySet<unknown> {
  return new Set(events.map(({ event_id }) => event_id))
}

/** Of all log files, those that a rotation made too. A last line that is being written is left out. */
export function eventsIn(cwd: string): JsonObject[] {
  const folder = join(cwd, LOGS)
  const names = existsSync(folder) ? readdirSync(folder) : []
  const lines = names.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1))
  return lines.map((line) => JSON.parse(line) as JsonObject)
}

/** The rows of the table on the screen. */
export function rowsOf(stdout: string) {
  const found = stdout.matchAll(/^(\S+Z) {2}(.+?) {2,}(?:([\d.]+) {2})?(\w+)$/gm)
  return [...found].map(([, timestamp, product, price, bucket]) => ({
    timestamp,
    product,
    price: price === undefined ? undefined : Number(price),
    bucket,
  }))
}

export function bucketOf(price: unknown): string {
  if (typeof price !== 'number') return 'unpriced'
  return price < 20 ? 'low' : price < 100 ? 'medium' : 'high'
}
