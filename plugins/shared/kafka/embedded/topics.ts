import { join } from 'node:path'
import type { Clock, Storage } from '../../../../engine/plugin.ts'
import type { TopicInfo, TopicPartition, TopicSettings } from '../port.ts'
import { isTopicName } from '../topic-name.ts'
import { orDiskFault, topicFault } from './faults.ts'
import type { Ledger } from './ledger.ts'
import type { Partition, PartitionSettings } from './partition.ts'
import { removeTree } from './partition-logs.ts'
import { readTopicFile, removeTopicFile, type TopicFile, writeTopicFile } from './topic-file.ts'

/** Opens a partition whose logs are in `<topic>/<partition>` and beside it (partition-logs.ts). */
export type OpenPartition = (folder: string, place: TopicPartition, settings: PartitionSettings) => Promise<Partition>

export interface TopicsParts {
  readonly storage: Storage
  readonly clock: Clock
  readonly ledger: Ledger
  readonly openPartition: OpenPartition
  /** In bytes; undefined: each topic has one that suits its retention. */
  readonly segmentSize?: number | undefined
}

/** The topics of a folder: `<folder>/<topic>/topic.json`, and a log in `<folder>/<topic>/<partition>/` for each partition. */
export class Topics {
  readonly #folder: string
  readonly #storage: Storage
  readonly #clock: Clock
  readonly #ledger: Ledger
  readonly #segmentSize: number | undefined
  readonly #openPartition: OpenPartition
  readonly #open = new Map<string, Promise<readonly Partition[] | undefined>>()
  #creating: Promise<unknown> = Promise.resolve()

  constructor(folder: string, parts: TopicsParts) {
    this.#folder = folder
    this.#storage = parts.storage
    this.#clock = parts.clock
    this.#ledger = parts.ledger
    this.#openPartition = parts.openPartition
    this.#segmentSize = parts.segmentSize
  }

  async list(names: readonly string[] | undefined): Promise<readonly TopicInfo[]> {
    const wanted = names ?? (await this.#names())
    const infos = await Promise.all(wanted.map(async (name) => infoOf(name, await this.#read(name))))
    return infos.filter((info) => info !== undefined)
  }

  /** Its partitions, by their number; undefined when there is no such topic. */
  find(name: string): Promise<readonly Partition[] | undefined> {
    const known = this.#open.get(name)
    if (known !== undefined) return known
    const opening = this.#openTopic(name)
    this.#open.set(name, opening)
    // Only what is there, and open, is kept.
    const forget = () => this.#open.delete(name)
    opening.then((partitions) => partitions ?? forget(), forget)
    return opening
  }

  async get(name: string): Promise<readonly Partition[]> {
    const partitions = await this.find(name)
    if (partitions === undefined) throw topicFault(`there is no topic ${name} in ${this.#folder}`)
    return partitions
  }

  async partition(name: string, number: number): Promise<Partition> {
    const partitions = await this.get(name)
    const partition = partitions[number]
    if (partition !== undefined) return partition
    throw topicFault(`the topic ${name} has ${partitions.length} partitions, numbered from 0; there is no ${number}`)
  }

  /** One at a time, so that of two callers one is told that it was first. */
  create(name: string, settings: TopicSettings): Promise<boolean> {
    const created = this.#creating.then(() => this.#createNow(name, settings))
    this.#creating = created.catch(() => undefined)
    return created
  }

  /** Whoever has it open must be done with it. False: there is no such topic. */
  delete(name: string): Promise<boolean> {
    const deleted = this.#creating.then(() => this.#deleteNow(name))
    this.#creating = deleted.catch(() => undefined)
    return deleted
  }

  async close(): Promise<void> {
    const opened = await Promise.all([...this.#open.values()].map((opening) => opening.catch(() => undefined)))
    this.#open.clear()
    await Promise.all(opened.flatMap((partitions) => partitions?.map((partition) => partition.close()) ?? []))
  }

  async #names(): Promise<string[]> {
    // Whoever only reads has not made it.
    if ((await this.#storage.stat(this.#folder)) === undefined) return []
    const entries = await this.#storage.list(this.#folder)
    const names = entries.filter(({ kind, name }) => kind === 'folder' && isTopicName(name)).map(({ name }) => name)
    return names.sort()
  }

  async #read(name: string): Promise<TopicFile | undefined> {
    return isTopicName(name) ? readTopicFile(this.#storage, join(this.#folder, name)) : undefined
  }

  async #openTopic(name: string): Promise<readonly Partition[] | undefined> {
    const file = await this.#read(name)
    if (file === undefined) return undefined
    const settings = {
      retentionBytes: file.retention_bytes,
      retentionMs: file.retention_ms,
      segmentSize: this.#segmentSize ?? segmentSizeFor(file.retention_bytes),
      tombstoneMs: file.cleanup === 'compact' ? file.tombstone_ms : undefined,
    }
    const opening = Array.from({ length: file.partitions }, (_, partition) => {
      const folder = join(this.#folder, name, String(partition))
      return this.#openPartition(folder, { topic: name, partition }, settings)
    })
    return allOpened(opening)
  }

  async #createNow(name: string, settings: TopicSettings): Promise<boolean> {
    const { partitions, retentionBytes = DEFAULT_BYTES, retentionMs = DEFAULT_MS } = settings
    const { cleanup, tombstoneMs = DEFAULT_TOMBSTONE_MS } = settings
    if (!isTopicName(name)) throw topicFault(`${JSON.stringify(name)} cannot be the name of a topic`)
    if (!(Number.isInteger(partitions) && partitions > 0 && partitions <= MOST_PARTITIONS)) {
      throw topicFault(`the topic ${name} cannot have ${partitions} partitions`)
    }
    if ((await this.#read(name)) !== undefined) return false
    await this.#forget(name)
    const cleaning = cleanup === 'compact' ? { cleanup, tombstone_ms: tombstoneMs } : {}
    const sizes = { retention_bytes: retentionBytes, retention_ms: retentionMs }
    const file = { version: 1, partitions, created: this.#clock.now(), ...sizes, ...cleaning } as const
    await orDiskFault(name, writeTopicFile(this.#storage, join(this.#folder, name), file))
    return true
  }

  /** It is there while its file is; what else there is of it goes afterwards, or when a topic of this name is made. */
  async #deleteNow(name: string): Promise<boolean> {
    const partitions = await this.find(name)
    if (partitions === undefined) return false
    await orDiskFault(name, removeTopicFile(this.#storage, join(this.#folder, name)))
    this.#open.delete(name)
    await Promise.all(partitions.map((partition) => partition.close()))
    await this.#forget(name)
    return true
  }

  /** Of a topic of this name that was deleted, or that somebody removed. */
  async #forget(name: string): Promise<void> {
    await orDiskFault(name, removeTree(this.#storage, join(this.#folder, name)))
    await orDiskFault(name, this.#ledger.forget(name))
  }
}

const DEFAULT_BYTES = 1024 ** 3
const DEFAULT_MS = 7 * 24 * 60 * 60 * 1000
const DEFAULT_TOMBSTONE_MS = 24 * 60 * 60 * 1000
/** Each has open files. */
const MOST_PARTITIONS = 1000
const LARGEST_SEGMENT = 32 * 1024 * 1024
const SMALLEST_SEGMENT = 64 * 1024

function infoOf(name: string, file: TopicFile | undefined): TopicInfo | undefined {
  if (file === undefined) return undefined
  const { partitions, created } = file
  return { name, partitions, created, replicationFactor: 1, minInSyncReplicas: undefined }
}

/** Retention removes whole segments: there should be several of them. */
function segmentSizeFor(retentionBytes: number): number {
  return Math.min(LARGEST_SEGMENT, Math.max(SMALLEST_SEGMENT, retentionBytes / 8))
}

/** Of several that are opened, none stays open when one fails. */
async function allOpened(opening: readonly Promise<Partition>[]): Promise<readonly Partition[]> {
  const settled = await Promise.allSettled(opening)
  const failed = settled.find((one) => one.status === 'rejected')
  const opened = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  if (failed === undefined) return opened
  await Promise.all(opened.map((partition) => partition.close()))
  throw failed.reason
}
