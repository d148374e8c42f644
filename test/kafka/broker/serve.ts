import { Broker, KAFKA_VERSIONS } from './index.ts'

// `npm run kafka [VERSION]`: a broker for a person, empty at the start and gone at the end.
const version = process.argv[2] ?? KAFKA_VERSIONS[0]
process.stderr.write(`starting Apache Kafka ${version} ...\n`)
const broker = await Broker.start(version)
process.stdout.write(`${broker.address}\n`)
process.stderr.write(`export KAFKA_BROKERS=${broker.address}   (Ctrl-C ends the broker and removes what it held)\n`)
await new Promise((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve)
  // Nothing else keeps the process alive but the broker, which may end by itself.
})
await broker.remove()
