import { join } from 'node:path'
import { type Clock, type Logger, Notifier, type Storage, takeOwnership } from '../../../../engine/plugin.ts'
import type { Kafka } from '../port.ts'
import { clientOf } from './client.ts'
import { orDiskFault } from './faults.ts'
import { type Ledger, openLedger } from './ledger.ts'
import { keyOf, partitionOn } from './partition.ts'
import { PartitionLogs } from './partition-logs.ts'
import { Shared } from './shared.ts'
import { type OpenPartition, Topics } from './topics.ts'

/**
 * Topics in a folder of this machine, for one process:
 *
 *   <folder>/<topic>/topic.json      what the topic is; it is there when this file is (topic-file.ts)
 *   <folder>/<topic>/<partition>/    a log (engine/log) whose frames are blocks of records (block.ts)
 *   <folder>/<topic>/<partition>.b/  the same, after every second compaction (partition-logs.ts)
 *   <folder>/@ledger/                a log of what is committed: covered ends, positions of groups, transactions (ledger.ts)
 *   <folder>/@ledger/owner.json      which process has the folder
 *
 * No topic can be named `@ledger`. What a writer with checkpoints has not committed yet may be read in this process
 * (partition.ts, `visible`), and is taken back when it ends without committing it, here and from whoever has read it.
 */
export async function openEmbeddedTopics(folder: string, settings: EmbeddedSettings): Promise<EmbeddedTopics> {
  const { storage, clock, log } = settings
  const ledgerFolder = join(folder, '@ledger')
  await storage.makeFolder(ledgerFolder)
  const ownership = await takeOwnership(storage, ledgerFolder, `the folder of embedded topics ${folder}`)
  try {
    const ledger = await openLedger(storage, ledgerFolder)
    await orDiskFault('the ledger', ledger.transactions.abortAll())
    const openPartition = opener(storage, ledger)
    const topics = new Topics(folder, { storage, clock, ledger, openPartition, segmentSize: settings.segmentSize })
    const maxRecordBytes = settings.maxRecordBytes ?? MAX_RECORD_BYTES
    const shared = new Shared({ clock, log, ledger, topics, maxRecordBytes, changed: new Notifier() })
    return {
      client: () => clientOf(shared, `embedded topics in ${folder}`),
      async close() {
        await topics.close()
        await ledger.close()
        await ownership.release()
      },
    }
  } catch (error) {
    await ownership.release()
    throw error
  }
}

export interface EmbeddedSettings {
  readonly storage: Storage
  readonly clock: Clock
  readonly log: Logger
  /** Of a log, in bytes; left out: an eighth of the topic's retention, within bounds. */
  readonly segmentSize?: number
  /** Of key and value together; 64 MiB when left out. */
  readonly maxRecordBytes?: number
}

export { type EmbeddedReader, openEmbeddedReader, type ReaderSettings } from './outside.ts'

/** One for each process and folder. */
export interface EmbeddedTopics {
  /** One for each pipeline. */
  client(): Kafka
  /** After its clients were closed. */
  close(): Promise<void>
}

function opener(storage: Storage, ledger: Ledger): OpenPartition {
  return async (folder, place, settings) => {
    const key = keyOf(place)
    const logs = new PartitionLogs(storage, folder, key, ledger, settings.segmentSize)
    const partition = await partitionOn(place, await orDiskFault(key, logs.open()), settings, ledger, logs)
    // Nothing that a life before has left open goes on.
    await orDiskFault(key, ledger.transactions.endAborted(key, partition.end))
    return partition
  }
}

const MAX_RECORD_BYTES = 64 * 1024 * 1024
