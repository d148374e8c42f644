import { type Header, StreamrunError } from '../../../engine/plugin.ts'

/**
 * What streamrun needs of Kafka, and nothing that one of the adapters behind it cannot do: embedded topics (a folder of
 * this machine) and real clients. `describeKafka` in contract.ts is the suite that each of them passes.
 *
 * Errors: `retryable(...)` for what may pass by itself (a broker that is away, a full disk); `StreamrunError` for what
 * does not (wrong credentials, no such topic, offsets that are gone); `RefusedRecords` for records that are at fault.
 */
export interface Kafka {
  /** `embedded`: a folder of this machine, whose topics are made when they are first written to, if need be. */
  readonly kind: 'embedded' | 'cluster'
  /** For people, at the start: `embedded topics in .streamrun/topics`, `kafkajs to 127.0.0.1:9092`. */
  readonly description: string
  /** Those of these topics that there are; all of them when no names are given, but for Kafka's own. */
  topics(names?: readonly string[]): Promise<readonly TopicInfo[]>
  /** False: a topic of this name is there already, and stays as it is. */
  createTopic(name: string, settings: TopicSettings): Promise<boolean>
  /** With its records and what groups have committed in it; whoever reads or writes it fails. False: there was none. */
  deleteTopic(name: string): Promise<boolean>
  /** Records before these offsets, which lie within the range, are gone: `earliest` rises. */
  deleteRecords(before: readonly TopicOffset[]): Promise<void>
  /** Of each partition, by its number. An error when there is no such topic. */
  offsets(topic: string): Promise<readonly OffsetRange[]>
  /** Of each partition: the first offset whose record is not older than this time; `latest` where there is none. */
  offsetsAt(topic: string, timestamp: number): Promise<readonly number[]>
  /** Groups that have committed positions or have members, in alphabetical order. */
  groups(): Promise<readonly string[]>
  /** What the group has committed, by partition; undefined where it has not. */
  committed(group: string, topic: string): Promise<readonly (number | undefined)[]>
  producer(settings: ProducerSettings): Promise<Producer>
  /**
   * Whoever had this id before is fenced when it resolves: its open transaction is aborted, and all that it asks for
   * from then on is refused (SR_KAFKA_FENCED).
   */
  transactional(settings: TransactionalSettings): Promise<TransactionalProducer>
  /** Resolves when it is set up; a member of a group may still wait for its partitions. */
  consumer(settings: ConsumerSettings): Promise<Consumer>
  /** After its producers and consumers were closed. */
  close(): Promise<void>
}

export interface TopicInfo {
  readonly name: string
  readonly partitions: number
  /** When it was made, epoch milliseconds: offsets of another topic of this name mean nothing here. Undefined: not known. */
  readonly created?: number | undefined
  readonly replicationFactor: number
  /** In-sync replicas that a write needs; undefined where that means nothing. */
  readonly minInSyncReplicas: number | undefined
}

export interface TopicSettings {
  readonly partitions: number
  /** Undefined: what the brokers are set to. Embedded topics have one copy. */
  readonly replicationFactor?: number | undefined
  /** Of a partition, in bytes; the oldest records go first. Undefined: 1 GiB embedded, the brokers' setting else. */
  readonly retentionBytes?: number | undefined
  /** Milliseconds. Undefined: 7 days embedded, the brokers' setting else. */
  readonly retentionMs?: number | undefined
  /**
   * `delete` (default): records go by retention. `compact`: of each key the newest record stays, however old it is,
   * and older ones go some time after it came; the offsets of what is left stay as they were. Records without a key
   * are refused.
   */
  readonly cleanup?: 'delete' | 'compact' | undefined
  /** How long a tombstone stays in a compacted topic behind what it removes, ms. Undefined: 1 day, or the brokers' setting. */
  readonly tombstoneMs?: number | undefined
}

/**
 * Offsets of one partition: its records are in [earliest, latest), not at every offset of it. `latest` is where the
 * first open transaction begins to write, if there is one: what stands behind that is not to be read yet.
 */
export interface OffsetRange {
  readonly earliest: number
  readonly latest: number
}

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

export interface TopicOffset extends TopicPartition {
  readonly offset: number
}

// ---------------------------------------------------------------------------------------------------- writing

export interface ProducerSettings {
  readonly compression: 'none' | 'gzip'
  /** The name of the component that writes: who holds a topic, where only one may. */
  readonly owner: string
  /** Those that it will write to, where they are known before it does: they are held at once. */
  readonly topics?: readonly string[] | undefined
  /** Aborted when waiting makes no sense any more. */
  readonly signal: AbortSignal
}

export interface Producer {
  /**
   * Appends records to one partition, in order. Resolves when they are as safe as the topic can keep them (`acks: all`).
   * One call at a time for each partition; calls for several partitions may run side by side. Rejects with
   * `RefusedRecords` when some were refused for themselves: the others are written.
   */
  send(topic: string, partition: number, records: readonly ProducerRecord[]): Promise<void>
  /** `send` without an object for each record. Left out: `send` is the only way. */
  sendColumns?(topic: string, partition: number, columns: ProducerColumns): Promise<void>
  /** Left out: what was sent cannot be taken back, and the sink above is at-least-once. */
  readonly checkpoints?: ProducerCheckpoints | undefined
  close(): Promise<void>
}

export interface ProducerRecord {
  readonly key: Uint8Array | null
  /** Null: a tombstone. */
  readonly value: Uint8Array | null
  /** Epoch milliseconds. */
  readonly timestamp: number
  readonly headers: readonly Header[]
}

/**
 * Records of one time, without headers, whose values stand in one buffer: that of record i is `data[starts[i] .. ends[i]]`.
 * Where 0x0A stands behind a value, it holds none. Nothing of it changes until it is sent.
 */
export interface ProducerColumns {
  readonly count: number
  readonly data: Buffer
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  /** By their places; undefined: none has one. */
  readonly keys: readonly (Uint8Array | null)[] | undefined
  /** Epoch milliseconds. */
  readonly timestamp: number
  /** The name of a codec that all values have passed; undefined: not known. */
  readonly checkedBy?: string | undefined
}

/** The three calls of a sink that comes back to exactly its last checkpoint; see `Sink` in engine/plugin.ts. */
export interface ProducerCheckpoints {
  flush(): Promise<ProducerState>
  commit(state: ProducerState): Promise<void>
  restore(state: ProducerState | undefined): Promise<void>
}

/** The offset behind the last record of each partition that was written to, by `topic/partition`. */
export type ProducerState = { readonly [partition: string]: number }

/** Records that were handed out are gone: whoever wrote them ended without committing them. */
export class TakenBack extends StreamrunError {
  constructor(message: string) {
    super('SR_KAFKA_OFFSETS', message)
    this.name = 'TakenBack'
  }
}

/** Some records of a `send` were refused for themselves (too large); by their place in it. */
export class RefusedRecords extends Error {
  readonly reasons: ReadonlyMap<number, string>

  constructor(reasons: ReadonlyMap<number, string>) {
    super(`${reasons.size} records refused`)
    this.name = 'RefusedRecords'
    this.reasons = reasons
  }
}

// ----------------------------------------------------------------------------------------------- transactions

export interface TransactionalSettings {
  readonly compression: 'none' | 'gzip'
  /** The same one in every life of a writer: who comes with it next ends what the one before left open (K-1). */
  readonly id: string
  /** A transaction that is open for so long is aborted, and its producer fenced; milliseconds. */
  readonly timeoutMs: number
  /** Aborted when waiting makes no sense any more. */
  readonly signal: AbortSignal
}

/** One transaction at a time. */
export interface TransactionalProducer {
  begin(): Promise<Transaction>
  /** Aborts what is open. */
  close(): Promise<void>
}

/**
 * Records in several partitions, and positions of groups, that come to be all at once or not at all. Nobody reads them
 * before `commit`. When a call rejects, but for `RefusedRecords`, its outcome is not known: the transaction can only be
 * aborted, and where that rejects too, a new producer of the same id aborts it (K-4, K-5).
 */
export interface Transaction {
  /** As `send` of a producer: one call at a time for each partition. */
  send(topic: string, partition: number, records: readonly ProducerRecord[]): Promise<void>
  /** Positions of partitions that are this consumer's own; SR_KAFKA_FENCED where one is not any more. */
  sendOffsets(consumer: Consumer, offsets: readonly TopicOffset[]): Promise<void>
  /** Resolves when it is decided, durably; readers come to see it at once or a moment later. */
  commit(): Promise<void>
  abort(): Promise<void>
}

// ---------------------------------------------------------------------------------------------------- reading

export interface ConsumerSettings {
  readonly topics: readonly string[]
  /** Its members share the partitions. Undefined: all partitions are read, and nothing is committed. */
  readonly group: string | undefined
  /**
   * These partitions are ours from now on. Resolves with where to begin in each, which becomes the group's position
   * where it has none; no record of them comes before.
   */
  assigned(partitions: readonly TopicPartition[]): Promise<readonly TopicOffset[]>
  /** They are not ours any more: no record of them comes after. The next member waits until it resolves. */
  revoked(partitions: readonly TopicPartition[]): Promise<void>
  /**
   * Present: one member of the group has all partitions of these topics, and keeps them while it is there; whoever of the
   * others takes part in a generation is told that it stands by. The same for all members of a group; of no effect
   * without one.
   */
  readonly alone?: { standBy(): Promise<void> } | undefined
  /** The offset to read is not there (any more). Gives one that is, or throws, which ends the consumer. */
  outOfRange(place: TopicOffset, range: OffsetRange): Promise<number>
  /** Aborted: `records` ends. */
  readonly signal: AbortSignal
  /**
   * `records` ends when all partitions that are ours are read to where they ended when they became ours, and nobody in
   * this process writes to the topics any more.
   */
  readonly untilEnd?: boolean
}

export interface Consumer {
  /**
   * Sets of records as they come, each of one partition, in the order of its offsets; partitions take turns. Nothing is
   * fetched ahead while it is not resumed, but for a few sets. Called once.
   */
  records(): AsyncIterable<RecordSet>
  /** Commits for the group; what is not ours any more is left out, never committed for somebody else. */
  commit(offsets: readonly TopicOffset[]): Promise<void>
  /**
   * Resolves when records before these offsets can no longer be taken back by whoever wrote them, also after `records`
   * has ended; or when this `signal` is aborted. Rejects with `TakenBack` where they were. Left out: they never can.
   */
  covered?(offsets: readonly TopicOffset[], signal: AbortSignal): Promise<void>
  /** Leaves the group. */
  close(): Promise<void>
}

/** Records of one partition as bytes: the value of record i is `data[starts[i] .. ends[i]]`, with 0x0A behind it where it holds none. */
export interface RecordSet extends TopicPartition {
  readonly count: number
  readonly data: Buffer
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  /** The codec that all values have passed on their way in, where the topic knows; undefined: it does not. */
  readonly checkedBy?: string | undefined
  isTombstone(index: number): boolean
  key(index: number): Uint8Array | null
  timestamp(index: number): number
  headers(index: number): readonly Header[]
  offset(index: number): number
  /** Where to go on: behind the last record, and behind what is no record (compacted away, aborted, markers). */
  readonly next: number
  /** `latest` of the partition when this set was read: what is left is `end - next`. */
  readonly end: number
  /** May be called once, when nobody needs its bytes any more: they are overwritten then. */
  readonly release?: (() => void) | undefined
}
