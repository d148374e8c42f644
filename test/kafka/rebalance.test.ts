import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { record } from '../../plugins/shared/kafka/contract-bench.ts'
import type { Kafka } from '../../plugins/shared/kafka/port.ts'
import { startStreamrun, until, workFolder } from '../streamrun.ts'
import { clientOf } from './client.ts'

const PARTITIONS = 4
const TOPIC = 'shared'

const PIPELINE = `name: share
checkpoint: { interval: 100ms }
connections: { shop: { type: kafka, brokers: '\${KAFKA_BROKERS}', session_timeout: 6s } }
sources: { in: { type: kafka, topics: ${TOPIC}, group: sharers } }
sinks: { out: { type: file, path: out.ndjson } }
`

describe.each(Object.entries(inject('brokers')))('Apache Kafka %s', (_, { plain }) => {
  it('two processes share the partitions: nothing is lost as one comes, is killed, comes again and goes, and little comes twice', async () => {
    const kafka = await clientOf(plain)
    await kafka.createTopic(TOPIC, { partitions: PARTITIONS })
    const stop = new AbortController()
    const feeding = feed(kafka, stop.signal)
    const [first, second] = [new Member(plain), new Member(plain)]
    try {
      await first.start()
      await until(() => first.size > 0)
      await second.start()
      // Enough for some of it to be committed.
      await until(() => second.lines.length > 2000)

      await second.kill()
      const atKill = second.lines
      // The group notices, and the first has all of it again.
      const sent = await kafka.offsets(TOPIC)
      await until(async () => isBehind(sent, await kafka.committed('sharers', TOPIC)))

      await second.start()
      await until(() => second.size > Buffer.byteLength(atKill.map((line) => `${line}\n`).join('')))
      await second.stop()
      stop.abort()
      const count = await feeding
      await until(async () => isBehind(await kafka.offsets(TOPIC), await kafka.committed('sharers', TOPIC)))
      await first.stop()

      const all = [...first.lines, ...second.lines]
      const distinct = new Set(all)
      expect(distinct.size).toBe(count)
      // Only what the second had not committed when it was killed may have come to the first, too.
      const doubled = first.lines.filter((line) => atKill.includes(line))
      expect(all.length - distinct.size).toBeLessThanOrEqual(doubled.length)
      expect(doubled.length).toBeLessThan(atKill.length)
    } finally {
      stop.abort()
      await Promise.all([first.kill(), second.kill(), feeding])
      await kafka.close()
    }
  })
})

/** A process with a folder of its own. */
class Member {
  readonly #cwd = workFolder()
  readonly #brokers: string
  #running: ReturnType<typeof startStreamrun> | undefined

  constructor(brokers: string) {
    this.#brokers = brokers
    writeFileSync(join(this.#cwd, 'share.yaml'), PIPELINE)
  }

  async start(): Promise<void> {
    this.#running = startStreamrun(['share.yaml'], { cwd: this.#cwd, env: { KAFKA_BROKERS: this.#brokers } })
  }

  async kill(): Promise<void> {
    this.#running?.child.kill('SIGKILL')
    await this.#running?.ended
  }

  async stop(): Promise<void> {
    this.#running?.child.kill('SIGTERM')
    const ended = await this.#running?.ended
    expect({ code: ended?.code, stderr: ended?.stderr }).toMatchObject({ code: 0 })
  }

  get size(): number {
    return existsSync(this.#output) ? statSync(this.#output).size : 0
  }

  get lines(): string[] {
    return existsSync(this.#output) ? readFileSync(this.#output, 'utf8').split('\n').filter(Boolean) : []
  }

  get #output(): string {
    return join(this.#cwd, 'out.ndjson')
  }
}

/** Sends records, each another one, to all partitions until it is stopped; says how many. */
async function feed(kafka: Kafka, signal: AbortSignal): Promise<number> {
  const producer = await kafka.producer({ compression: 'none', owner: 'test', signal: new AbortController().signal })
  let count = 0
  while (!signal.aborted) {
    const records = Array.from({ length: 20 }, () => record(`{"n":${count++}}`, { timestamp: Date.now() }))
    await producer.send(TOPIC, (count / 20) % PARTITIONS, records)
  }
  await producer.close()
  return count
}

function isBehind(ranges: readonly { readonly latest: number }[], committed: readonly (number | undefined)[]): boolean {
  return ranges.every(({ latest }, partition) => (committed[partition] ?? 0) >= latest)
}
