import { claimState, type Reset } from '../checkpoint/fingerprint.ts'
import { openLocalStore } from '../checkpoint/local-store.ts'
import { type Ownership, takeOwnership } from '../checkpoint/owner.ts'
import type { CheckpointStore } from '../checkpoint/store.ts'
import { type Clock, sleep } from '../clock.ts'
import type { Definition } from '../config/definition.ts'
import { GaveUpError, StreamrunError } from '../errors.ts'
import { openLog } from '../log/index.ts'
import type { Health, Logger } from '../plugin.ts'
import { errorCode, type Storage } from '../storage.ts'

/** The state of a pipeline, and the right to change it. */
export interface StateFolder {
  readonly store: CheckpointStore
  readonly ownership: Ownership
}

export interface StateFolderParts {
  readonly storage: Storage
  readonly clock: Clock
  readonly log: Logger
  readonly health: Health
  /** Aborted when the pipeline is to end: a full disk is then not waited out. */
  readonly stopping: AbortSignal
  /** Another process may have the state: this one waits until that has ended, and goes on in place of it. */
  readonly standBy: boolean
}

/**
 * Opens it as the definition asks. Waits for room while the disk is full, and for another process where it stands by:
 * nothing was read yet, so nothing is held up.
 */
export async function openStateFolder(
  definition: Definition,
  reset: Reset,
  parts: StateFolderParts,
): Promise<StateFolder> {
  const { clock, health, log, stopping } = parts
  let before: Wait | undefined
  for (;;) {
    try {
      const opened = await tryOpening(definition, reset, parts)
      if (before?.kind === 'full') health.ok()
      if (before?.kind === 'held') log.info('its turn has come')
      return opened
    } catch (error) {
      const wait = whatToWaitFor(error, definition, parts)
      if (wait === undefined) throw error
      if (wait.kind === 'full') health.degraded(wait.reason)
      else if (before?.kind !== 'held') log.info(wait.reason)
      before = wait
      await sleep(clock, RETRY_MS, stopping)
      if (stopping.aborted) throw new GaveUpError('checkpoint', wait.reason)
    }
  }
}

/** `full`: the disk, which somebody must see to. `held`: the state, by another process, which is as it should be. */
interface Wait {
  readonly kind: 'full' | 'held'
  readonly reason: string
}

function whatToWaitFor(error: unknown, { stateDir }: Definition, { standBy }: StateFolderParts): Wait | undefined {
  const code = errorCode(error)
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return { kind: 'full', reason: `disk full, ${stateDir} cannot be written` }
  const isHeld = error instanceof StreamrunError && error.code === 'SR_STATE_LOCKED'
  return isHeld && standBy ? { kind: 'held', reason: `stands by: ${error.message}` } : undefined
}

async function tryOpening(definition: Definition, reset: Reset, parts: StateFolderParts): Promise<StateFolder> {
  const { storage, log } = parts
  const { stateDir } = definition
  if (await storage.makeFolder(stateDir)) log.info(`state is kept in ${stateDir}`)
  const ownership = await takeOwnership(storage, stateDir)
  try {
    return { store: await openStore(definition, reset, storage), ownership }
  } catch (error) {
    await ownership.release()
    throw error
  }
}

async function openStore(definition: Definition, reset: Reset, storage: Storage): Promise<CheckpointStore> {
  const folder = `${definition.stateDir}/checkpoint`
  const store = await openLocalStore(await openLog(storage, folder, { segmentSize: SEGMENT_BYTES, sync: 'always' }))
  try {
    await claimState(store, definition, reset, storage)
    return store
  } catch (error) {
    await store.close()
    throw error
  }
}

const RETRY_MS = 1000
const SEGMENT_BYTES = 4 * 1024 * 1024
