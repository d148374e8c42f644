import type { Job } from '../bench.ts'
import { csv } from './csv.ts'
import { faker } from './faker.ts'
import { latency } from './latency.ts'
import { memory } from './memory.ts'
import { startUp } from './start-up.ts'
import { tail } from './tail.ts'
import { channel, json, lines, set, topic } from './throughput.ts'
import { keys, session, sliding, tumbling, zScore } from './windows.ts'

/** In the order in which they run. */
export const JOBS: readonly Job[] = [
  lines,
  json,
  channel,
  topic,
  csv,
  faker,
  tail,
  latency,
  set,
  tumbling,
  sliding,
  session,
  zScore,
  keys,
  memory,
  startUp,
]
