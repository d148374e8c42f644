import {
  type Expression,
  type Header,
  type Json,
  type OptionValues,
  RecordError,
  type SinkContext,
  type StreamRecord,
} from '../../../engine/plugin.ts'
import { partitionOfKey } from '../../shared/kafka/murmur2.ts'
import type { options } from './options.ts'
import { checkTopicName, type Topics } from './topics.ts'

/** Where a record goes, and what goes with its value. */
export interface Address {
  readonly topic: string
  readonly partition: number
  readonly key: Key
  readonly headers: readonly Header[]
}

export type Key = Uint8Array | null

export interface ByKey {
  readonly topic: string
  partitionOf(key: Key): number
}

/** Says where records go. */
export class Addressing {
  readonly #topics: Topics
  readonly #topic: ReturnType<SinkContext['template']>
  readonly #key: KeyOf | undefined
  readonly #partition: Expression | undefined
  readonly #headers: readonly (readonly [name: string, value: Expression])[]
  /** Counts batches, so that those without keys take turns. */
  #batch = 0

  constructor(settings: OptionValues<typeof options>, topics: Topics, context: SinkContext) {
    const compile = (text: string | undefined) => (text === undefined ? undefined : context.expression(text))
    this.#topics = topics
    this.#topic = context.template(settings.topic)
    this.#key = keyOf(settings, context)
    this.#partition = compile(settings.partition)
    this.#headers = [...(settings.headers ?? [])].map(([name, text]) => [name, context.expression(text)] as const)
  }

  /** The topic that all records go to; undefined when each has its own. */
  get constantTopic(): string | undefined {
    return this.#topic.constant ? this.#topic.prefix : undefined
  }

  beginBatch(): void {
    this.#batch += 1
  }

  /** Where records go whose key alone says in which partition; undefined when it takes more than a key to know. */
  get byKey(): ByKey | undefined {
    const partitions = this.#isPlain ? this.#topics.known(this.#topic.prefix) : undefined
    if (partitions === undefined) return undefined
    return { topic: this.#topic.prefix, partitionOf: (key) => this.#byKey(key, partitions) }
  }

  /** True: the key of a record is not its own. */
  get makesKeys(): boolean {
    return this.#key !== undefined
  }

  /** A promise only where an expression, or a topic that was not seen before, needs one. `RecordError`: no place. */
  addressOf(record: StreamRecord): Address | Promise<Address> {
    const key = this.keyOf(record)
    const partitions = this.#isPlain ? this.#topics.known(this.#topic.prefix) : undefined
    if (partitions === undefined || key instanceof Promise) return this.#findAddress(record, key)
    return { topic: this.#topic.prefix, partition: this.#byKey(key, partitions), key, headers: record.headers }
  }

  /** Nothing but the key differs between records. */
  get #isPlain(): boolean {
    return this.#topic.constant && this.#partition === undefined && this.#headers.length === 0
  }

  async #findAddress(record: StreamRecord, finding: Key | Promise<Key>): Promise<Address> {
    const topic = await this.#topic.render(record)
    checkTopicName(topic)
    const partitions = await this.#topics.partitionsOf(topic)
    const key = await finding
    return {
      topic,
      partition: await this.#choose(record, key, partitions),
      key,
      headers: await this.#headersOf(record),
    }
  }

  /** A promise only where the expression needs one. `RecordError`: it yields no key. */
  keyOf(record: StreamRecord): Key | Promise<Key> {
    if (this.#key !== undefined) return this.#key(record)
    return typeof record.key === 'string' ? Buffer.from(record.key) : record.key
  }

  async #choose(record: StreamRecord, key: Key, partitions: number): Promise<number> {
    if (this.#partition === undefined) return this.#byKey(key, partitions)
    const chosen = await this.#partition.evaluate(record)
    if (typeof chosen === 'number' && Number.isInteger(chosen) && chosen >= 0 && chosen < partitions) return chosen
    const message = `the expression for the partition yields no whole number from 0 to ${partitions - 1}`
    throw new RecordError('SR_RECORD_SHAPE', message, { expression: this.#partition.text })
  }

  #byKey(key: Key, partitions: number): number {
    return key === null ? this.#batch % partitions : partitionOfKey(key, partitions)
  }

  async #headersOf(record: StreamRecord): Promise<readonly Header[]> {
    if (this.#headers.length === 0) return record.headers
    const added: Header[] = []
    for (const [name, expression] of this.#headers) {
      const value = await expression.evaluate(record)
      if (value !== undefined) added.push({ name, value: textOf(value) })
    }
    return [...record.headers, ...added]
  }
}

/** What makes the keys; undefined where records keep their own. */
export function keyOf(
  { key: text }: Pick<OptionValues<typeof options>, 'key'>,
  context: Pick<SinkContext, 'expression'>,
): KeyOf | undefined {
  if (text === undefined) return undefined
  const expression = context.expression(text)
  return (record) => {
    const key = expression.evaluate(record)
    return key instanceof Promise ? key.then((found) => keyBytes(found, expression)) : keyBytes(key, expression)
  }
}

type KeyOf = (record: StreamRecord) => Key | Promise<Key>

function keyBytes(key: Json | undefined, { text }: Expression): Uint8Array {
  if (key !== undefined) return Buffer.from(textOf(key))
  throw new RecordError('SR_EXPRESSION_EMPTY', 'the expression for the key yields nothing', { expression: text })
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
