import { join } from 'node:path'
import { expect, inject, it } from 'vitest'
import { filesIn, streamrun, workFolder } from '../streamrun.ts'

it.each(Object.entries(inject('brokers')))(
  'examples/topics gives the same on Apache Kafka %s, and nothing more when it runs again',
  async (_, { plain }) => {
    const cwd = workFolder()
    for (let round = 0; round < 2; round++) {
      const { code, stderr } = await streamrun(['examples/topics/pipeline.yaml'], {
        cwd,
        env: { KAFKA_BROKERS: plain },
      })
      expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
      expect(filesIn(join(cwd, 'out/topics'))).toEqual(filesIn('examples/topics/expected'))
    }
  },
)
