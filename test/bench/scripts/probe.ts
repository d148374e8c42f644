import { openSync, readSync, writeSync } from 'node:fs'

/**
 * `node probe.js TAILED DELIVERED LINES`: appends one line a millisecond to TAILED, each with the time of its writing,
 * watches DELIVERED for them, and prints `{ latencies, gaps }` in microseconds. Latencies run from just before the
 * write of a line to the read that saw it; the gaps between two looks are what they can be too long by.
 *
 * It sleeps between two looks, so that it takes no core from the process that it watches.
 */
const [tailed, delivered, lines] = process.argv.slice(2)
if (tailed === undefined || delivered === undefined) throw new Error('usage: node probe.js TAILED DELIVERED LINES')
const count = Number(lines)
const INTERVAL_US = 1000
const LOOK_EVERY_MS = 0.1
const PATIENCE_US = 30e6

const input = openSync(tailed, 'a')
const output = openSync(delivered, 'r')
const buffer = Buffer.allocUnsafe(1024 * 1024)
const sleeper = new Int32Array(new SharedArrayBuffer(4))
const filling = 'x'.repeat(300)
const latencies: number[] = []
const gaps: number[] = []
let written = 0
let looked = micros()
let at = 0
let rest = ''

const begun = micros()
while (latencies.length < count) {
  if (written < count && micros() >= begun + written * INTERVAL_US) writeLine()
  look()
  Atomics.wait(sleeper, 0, 0, LOOK_EVERY_MS)
}
process.stdout.write(JSON.stringify({ latencies, gaps }))

function writeLine(): void {
  written += 1
  writeSync(input, `${JSON.stringify({ sent_us: micros(), line: written, filling })}\n`)
}

function look(): void {
  const read = readSync(output, buffer, 0, buffer.length, at)
  const now = micros()
  gaps.push(now - looked)
  looked = now
  at += read
  if (read > 0) take(buffer.toString('latin1', 0, read), now)
  else if (now > begun + count * INTERVAL_US + PATIENCE_US)
    throw new Error(`${latencies.length} of ${count} lines came`)
}

/** Lines of others, such as the one that showed that the pipeline was up, carry no time. */
function take(text: string, now: number): void {
  const all = (rest + text).split('\n')
  rest = all.pop() ?? ''
  for (const line of all) {
    const { sent_us } = JSON.parse(line)
    if (sent_us !== undefined) latencies.push(now - sent_us)
  }
}

function micros(): number {
  return Number(process.hrtime.bigint() / 1000n)
}
