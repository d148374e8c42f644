import { runBench } from './command.ts'
import { consume, produce } from './jobs/kafka.ts'

const summary =
  'Measures streamrun beside bare kafkajs and the tools of Apache Kafka, on a broker of its own (needs Java).'
process.exitCode = await runBench(
  { name: 'npm run bench:kafka', summary, jobs: [produce, consume] },
  process.argv.slice(2),
)
