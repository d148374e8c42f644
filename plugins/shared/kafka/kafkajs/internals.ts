/**
 * What is used of kafkajs 2.2.4 beyond its public face: the member of a group, without the runner around it. The runner
 * pushes batches, goes on after its consumer was stopped (#1593), commits what it has lost in a rebalance (#1046), jumps
 * to the latest offset when one is gone (#1119), and hangs when a connection does (#659, #1163, #1439).
 */
export type ConsumerGroupClass = new (settings: ConsumerGroupSettings) => ConsumerGroup

export interface ConsumerGroupSettings {
  readonly logger: unknown
  readonly cluster: Cluster
  readonly groupId: string
  readonly topics: readonly string[]
  readonly topicConfigurations: { readonly [topic: string]: { readonly fromBeginning: boolean } }
  readonly assigners: readonly unknown[]
  readonly retry: { readonly retries: number; readonly initialRetryTime: number }
  readonly sessionTimeout: number
  readonly rebalanceTimeout: number
  readonly minBytes: number
  readonly maxBytes: number
  readonly maxBytesPerPartition: number
  readonly maxWaitTimeInMs: number
  readonly instrumentationEmitter: { emit(): void }
  /** 1: nothing of transactions that are open or were aborted. */
  readonly isolationLevel: 0 | 1
  readonly autoCommit: false
  readonly rackId: string
  readonly metadataMaxAge: number
}

export interface ConsumerGroup {
  memberId: string | null
  /** Of the last generation that it took part in. */
  readonly generationId: number | null
  coordinator: unknown
  maxBytesPerPartition: number
  /** A new one for each generation, which is the one it commits for. */
  readonly offsetManager: OffsetManager
  joinAndSync(): Promise<void>
  leave(): Promise<void>
  heartbeat(settings: { interval: number }): Promise<void>
  assigned(): readonly { readonly topic: string; readonly partitions: readonly number[] }[]
  getNodeIds(): readonly string[]
  fetch(nodeId: string): Promise<readonly Batch[]>
  /** Where the next fetch begins; of no effect on what is under way. */
  seek(place: { topic: string; partition: number; offset: string }): void
  /** This one was read: the next fetch begins behind it. */
  resolveOffset(place: { topic: string; partition: number; offset: string }): void
  /** What is done about an error of a fetch. */
  recoverFromFetch: (error: unknown) => Promise<void>
}

export interface OffsetManager {
  coordinator: unknown
  commitOffsets(offsets: {
    topics: { topic: string; partitions: { partition: number; offset: string }[] }[]
  }): Promise<void>
}

export interface Cluster {
  connect(): Promise<void>
  disconnect(): Promise<void>
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>
  refreshMetadata(): Promise<void>
  removeBroker(place: { host: string; port: number }): void
  findGroupCoordinator(group: { groupId: string }): Promise<unknown>
  findBroker(place: { nodeId: string }): Promise<AnsweringBroker>
}

export interface AnsweringBroker {
  fetch(request: unknown): Promise<FetchAnswer>
}

/** What a broker has sent, before anything is made of it. */
export interface FetchAnswer {
  readonly responses: readonly { readonly topicName: string; readonly partitions: readonly FetchedPartition[] }[]
}

export interface FetchedPartition {
  highWatermark: string
  /** -1, or left out by old versions: nothing is known of it. */
  readonly lastStableOffset?: string
  abortedTransactions?: readonly { readonly producerId: string; readonly firstOffset: string }[] | null
  readonly messages: readonly FetchedMessage[]
}

export interface FetchedMessage {
  readonly offset: string
  readonly key: Buffer | null
  /** Left out of what is read. */
  isControlRecord: boolean
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean }
}

/** What one fetch gave of one partition. */
export interface Batch {
  readonly topic: string
  readonly partition: number
  readonly fetchedOffset: string
  readonly highWatermark: string
  readonly messages: readonly Message[]
  /** All that came, also what is no record (markers). `next`: behind the last batch (batch-ends.ts). */
  readonly rawMessages: readonly unknown[] & { readonly next?: number | undefined }
  /** Of what came, markers counted. */
  lastOffset(): string
}

export interface Message {
  readonly offset: string
  readonly timestamp: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: { readonly [name: string]: Buffer | null | readonly (Buffer | null)[] }
}

export interface RequestQueueClass {
  readonly prototype: { scheduleCheckPendingRequests(): void }
}
