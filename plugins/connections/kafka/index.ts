import { resolve } from 'node:path'
import { type ConnectionContext, defineConnection, type OptionValues } from '../../../engine/plugin.ts'
import { openEmbeddedReader, openEmbeddedTopics } from '../../shared/kafka/embedded/index.ts'
import type { Kafka } from '../../shared/kafka/port.ts'
import { faultsIn } from './check.ts'
import { openCluster } from './cluster.ts'
import { options } from './options.ts'

/** A cluster, or a folder of topics, as the port of plugins/shared/kafka. */
export default defineConnection({
  type: 'kafka',
  summary: 'Topics of a Kafka cluster, or embedded ones in a folder of this machine.',
  options,
  check: async (values, context) => ({ faults: await faultsIn(values, context) }),
  async open(values, context) {
    const client = await (values.brokers === 'embedded' ? openTopics(values, context) : openCluster(values, context))
    context.log.info(client.description)
    return { client, close: () => client.close() }
  },
})

/** Pipelines of one process share a folder of topics: one of them may write what another reads. */
async function openTopics({ topics_dir }: OptionValues<typeof options>, context: ConnectionContext): Promise<Kafka> {
  const folder = resolve(topics_dir)
  const topics = await context.shared(`embedded topics ${folder}`, async () => {
    const value = await (context.readOnly ? openEmbeddedReader : openEmbeddedTopics)(folder, context)
    return { value, close: () => value.close() }
  })
  return topics.client()
}
