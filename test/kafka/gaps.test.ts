import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, it } from 'vitest'
import { fillWithGaps } from '../gaps.ts'
import { streamrun, workFolder } from '../streamrun.ts'
import { clientOf } from './client.ts'

const TOPIC = `gaps-${randomUUID()}`

const PIPELINE = `name: gaps
delivery: exactly-once
connections: { shop: { type: kafka, brokers: '\${KAFKA_BROKERS}' } }
sources: { in: { type: kafka, topics: ${TOPIC}, group: over-gaps, until: end } }
sinks: { out: { type: file, path: out.ndjson } }
`

it.each(Object.entries(inject('brokers')))(
  'gaps that compaction, markers and aborted transactions have left on Apache Kafka %s are no loss (KA-15)',
  async (_, { plain }) => {
    const kafka = await clientOf(plain)
    const { committed, newest } = await fillWithGaps(kafka, TOPIC)
    const cwd = workFolder()
    writeFileSync(join(cwd, 'gaps.yaml'), PIPELINE)
    // The second time there is nothing new, and the position is one that no record stands at.
    for (let time = 1; time <= 2; time++) {
      const { code, stderr } = await streamrun(['gaps.yaml', '--quiet'], { cwd, env: { KAFKA_BROKERS: plain } })
      expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.not.stringContaining('ERROR') })
    }
    const read = readFileSync(join(cwd, 'out.ndjson'), 'utf8').trimEnd().split('\n')
    expect(read).toEqual(committed.filter((value) => read.includes(value)))
    expect(read).toEqual(expect.arrayContaining([...newest]))
    expect(read.length).toBeLessThan(committed.length)
    const [range] = await kafka.offsets(TOPIC)
    expect(await kafka.committed('over-gaps', TOPIC)).toEqual([range?.latest])
    await kafka.close()
  },
)
