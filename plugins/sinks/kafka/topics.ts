import { type OptionValues, RecordError, StreamrunError } from '../../../engine/plugin.ts'
import type { Kafka } from '../../shared/kafka/port.ts'
import { isTopicName, TOPIC_NAME_RULE } from '../../shared/kafka/topic-name.ts'
import type { options } from './options.ts'

/** How many partitions the topics have that are written to; made on request. */
export class Topics {
  readonly #kafka: Kafka
  readonly #create: OptionValues<typeof options>['create']
  readonly #partitions = new Map<string, number>()

  constructor(kafka: Kafka, create: OptionValues<typeof options>['create']) {
    this.#kafka = kafka
    this.#create = create
  }

  /** Undefined: not asked for yet. */
  known(topic: string): number | undefined {
    return this.#partitions.get(topic)
  }

  async partitionsOf(topic: string): Promise<number> {
    const known = this.#partitions.get(topic) ?? (await this.#find(topic)) ?? (await this.#make(topic))
    this.#partitions.set(topic, known)
    return known
  }

  async #find(topic: string): Promise<number | undefined> {
    const [found] = await this.#kafka.topics([topic])
    return found?.partitions
  }

  async #make(topic: string): Promise<number> {
    const partitions = this.#create.partitions ?? (this.#kafka.kind === 'embedded' ? 1 : undefined)
    if (partitions === undefined) {
      const hint = 'write `create: { partitions: N }` to make it'
      throw new StreamrunError('SR_KAFKA_TOPIC', `there is no topic ${topic}: ${hint}`)
    }
    await this.#kafka.createTopic(topic, { partitions, replicationFactor: this.#create.replication_factor })
    return (await this.#find(topic)) ?? partitions
  }
}

/** A name made from a record must not be another topic by accident. */
export function checkTopicName(name: string): void {
  if (isTopicName(name)) return
  throw new RecordError('SR_RECORD_SHAPE', `the topic made from this record is no name of a topic: ${TOPIC_NAME_RULE}`)
}
