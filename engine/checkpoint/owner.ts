import { hostname } from 'node:os'
import { StreamrunError } from '../errors.ts'
import type { Storage } from '../storage.ts'

/** The right to use a state folder, held until it is released or the process ends, however it ends. */
export interface Ownership {
  release(): Promise<void>
}

/** One owner per folder (D-6); `what`: what is in it, for people. `owner.json` is for people: it says who has the lock, and is not the lock. */
export async function takeOwnership(storage: Storage, folder: string, what = folder): Promise<Ownership> {
  const lock = await storage.lock(folder)
  if (lock === undefined) throw heldBy(what, await readHolder(storage, folder))
  try {
    await writeHolder(storage, folder)
  } catch (error) {
    await lock.release()
    throw error
  }
  return {
    async release() {
      await storage.remove(`${folder}/${OWNER_FILE}`)
      await lock.release()
    },
  }
}

interface Holder {
  readonly pid: number
  /** Of a container, its name: its process ids are its own. */
  readonly host: string
}

async function readHolder(storage: Storage, folder: string): Promise<Holder | undefined> {
  const path = `${folder}/${OWNER_FILE}`
  const stat = await storage.stat(path)
  if (stat === undefined) return undefined
  const file = await storage.open(path, 'read')
  try {
    const bytes = Buffer.alloc(stat.size)
    await file.read(bytes, 0, bytes.length, 0)
    return JSON.parse(bytes.toString('utf8')) as Holder
  } catch {
    // It is being written right now.
    return undefined
  } finally {
    await file.close()
  }
}

async function writeHolder(storage: Storage, folder: string): Promise<void> {
  const holder: Holder = { pid: process.pid, host: hostname() }
  const file = await storage.open(`${folder}/${OWNER_FILE}`, 'ensure')
  try {
    await file.truncate(0)
    await file.write([Buffer.from(`${JSON.stringify(holder)}\n`)], 0)
  } finally {
    await file.close()
  }
}

const OWNER_FILE = 'owner.json'

function heldBy(what: string, holder: Holder | undefined): StreamrunError {
  const who = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`
  return new StreamrunError('SR_STATE_LOCKED', `${what} is in use by ${who}`)
}
