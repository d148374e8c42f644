import { join } from 'node:path'
import {
  type CheckpointState,
  type Clock,
  errorCode,
  followLog,
  type Log,
  type LogFollower,
  type Logger,
  Notifier,
  readLocalStore,
  type Storage,
  StreamrunError,
} from '../../../../engine/plugin.ts'
import type { Kafka } from '../port.ts'
import { clientOf } from './client.ts'
import { type Ledger, ledgerOf } from './ledger.ts'
import { keyOf, type Partition, partitionOn } from './partition.ts'
import { logFolder } from './partition-logs.ts'
import { Shared } from './shared.ts'
import { type OpenPartition, Topics } from './topics.ts'

/**
 * The topics of a folder for a process that does not have them: it only reads, takes no lock and changes nothing, and
 * whoever has them does not notice. It sees what is covered. (Of a writer without checkpoints that is all that is
 * written, of which a power cut may take what was not synced yet.) What is new it sees within half a second.
 */
export async function openEmbeddedReader(folder: string, settings: ReaderSettings): Promise<EmbeddedReader> {
  const { storage, clock, log } = settings
  const journal = await followLog(storage, join(folder, '@ledger'))
  let state = await readLocalStore(journal)
  const ledger = readingLedger(folder, () => state, journal)
  const followed: (Followed & { readonly partition: Partition })[] = []
  const openPartition: OpenPartition = async (path, place, options) => {
    const key = keyOf(place)
    const { generation } = ledger.rewritten(key)
    const one: Followed = { path, key, generation, follower: await followLog(storage, logFolder(path, generation)) }
    await lookAt(one)
    const partition = await partitionOn(place, readOnly(one.follower, lookTwice), options, ledger)
    followed.push(Object.assign(one, { partition }))
    return partition
  }
  const topics = new Topics(folder, { storage, clock, ledger, openPartition })
  const shared = new Shared({ clock, log, ledger, topics, maxRecordBytes: 0, changed: new Notifier() })
  let looking: Promise<void> | undefined

  function lookNow(): Promise<void> {
    looking ??= look()
      .catch((error: unknown) => {
        // Something was removed while it was looked at: the next look finds what is left.
        if (errorCode(error) !== 'ENOENT') for (const consumer of shared.consumers) consumer.fail(error)
      })
      .finally(() => {
        looking = undefined
      })
    return looking
  }

  /** One that was under way may have begun too early. */
  async function lookTwice(): Promise<void> {
    await lookNow()
    await lookNow()
  }

  async function look(): Promise<void> {
    for (const one of followed) {
      const { partition, follower } = one
      const { moved, covered } = await lookAt(one)
      if (!moved && (covered ?? partition.end) === partition.covered) continue
      await partition.look(covered, one.follower === follower ? undefined : readOnly(one.follower, lookTwice))
      shared.changed.notify()
    }
    await lookAtLedger()
  }

  /**
   * A writer notes in the ledger that its records may be taken back, or belong to an open transaction, before there
   * are any: so the ledger is read after the log. And then the log again, which holds at least what the ledger says
   * is covered.
   */
  async function lookAt(one: Followed): Promise<{ moved: boolean; covered: number | undefined }> {
    const before = await one.follower.refresh().catch(orGone)
    await lookAtLedger()
    const { generation } = ledger.rewritten(one.key)
    if (generation !== one.generation) {
      await one.follower.close()
      one.follower = await followLog(storage, logFolder(one.path, generation))
      one.generation = generation
      return { ...(await lookAt(one)), moved: true }
    }
    const covered = ledger.covered(one.key)?.end
    const after = covered !== undefined && (await one.follower.refresh())
    return { moved: before || after, covered }
  }

  async function lookAtLedger(): Promise<void> {
    if (!(await journal.refresh())) return
    state = await readLocalStore(journal)
    // A transaction may have ended.
    shared.changed.notify()
  }

  let cancel = clock.timer(LOOK_EVERY, lookAgain)
  function lookAgain(): void {
    cancel = clock.timer(LOOK_EVERY, lookAgain)
    void lookNow()
  }

  return {
    client: () => readingClient(clientOf(shared, `embedded topics in ${folder}`), folder),
    async close() {
      cancel()
      await looking
      await topics.close()
      await ledger.close()
    },
  }
}

export interface ReaderSettings {
  readonly storage: Storage
  readonly clock: Clock
  readonly log: Logger
}

export interface EmbeddedReader {
  /** Without groups, producers and new topics: SR_STATE_LOCKED. */
  client(): Kafka
  close(): Promise<void>
}

const LOOK_EVERY = 500

/** The log of a partition as it was at the last look, in one of its two folders. */
interface Followed {
  readonly path: string
  readonly key: string
  generation: number
  follower: LogFollower
}

/** Its folder was emptied: the ledger says why. */
function orGone(error: unknown): true {
  if (errorCode(error) === 'ENOENT') return true
  throw error
}

function readingClient(client: Kafka, folder: string): Kafka {
  const refused = async () => refuse(folder)
  return {
    ...client,
    createTopic: refused,
    deleteTopic: refused,
    deleteRecords: refused,
    producer: refused,
    transactional: refused,
    consumer: (settings) => (settings.group === undefined ? client.consumer(settings) : refused()),
  }
}

function readingLedger(folder: string, state: () => CheckpointState, journal: LogFollower): Ledger {
  const view = ledgerOf(state)
  const refused = async () => refuse(folder)
  const writing = { cover: refused, commit: refused, deleteBefore: refused, rewrite: refused, forget: refused }
  const ends = { begin: refused, commit: refused, abort: refused, abortAll: refused }
  const rest = { forgetAborted: refused, endAborted: refused, number: () => refuse(folder) }
  const transactions = { ...view.transactions, ...ends, ...rest }
  return { ...view, ...writing, transactions, close: () => journal.close() }
}

function refuse(folder: string): never {
  throw new StreamrunError('SR_STATE_LOCKED', `${folder} is only read here: it is another process that may write to it`)
}

/** Of a segment that retention has removed it is known only after another look. */
function readOnly(follower: LogFollower, look = async () => {}): Log {
  const refused = async () => {
    throw new StreamrunError('SR_DEFECT', 'this log is only read')
  }
  return {
    get first() {
      return follower.first
    },
    get end() {
      return follower.end
    },
    get durableEnd() {
      return follower.end
    },
    get bytes() {
      return follower.bytes
    },
    get segments() {
      return follower.segments
    },
    async read(from, maxBytes, room) {
      try {
        return await follower.read(from, maxBytes, room)
      } catch (error) {
        if (errorCode(error) === 'ENOENT') await look()
        throw error
      }
    },
    append: refused,
    sync: refused,
    truncate: refused,
    drop: refused,
    close: () => follower.close(),
  }
}
