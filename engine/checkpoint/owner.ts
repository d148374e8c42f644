import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { hostname } from 'node:os'
import { StreamrunError } from '../errors.ts'
import { errorCode, type Storage } from '../storage.ts'

/** The right to use a state folder, held until it is released or the process ends, however it ends. */
export interface Ownership {
  release(): Promise<void>
}

/**
 * One owner per state folder (D-6). The lock is an abstract unix socket named for the folder's inode: the kernel frees
 * it with the process, so kill -9 leaves nothing stale, and a copied folder is another folder. Abstract sockets belong
 * to a network namespace, so `owner.json` tells processes of other namespaces (and people) who holds it: it counts
 * only while the process that it names is alive and is the very process that wrote it.
 */
export async function takeOwnership(storage: Storage, folder: string): Promise<Ownership> {
  const stat = await storage.stat(folder)
  const server = await listen(`\0streamrun/${stat?.inode}`)
  const holder = await readHolder(storage, folder)
  if (server === undefined || (holder !== undefined && isAlive(holder))) {
    server?.close()
    throw heldBy(folder, holder)
  }
  await writeHolder(storage, folder)
  return {
    async release() {
      await storage.remove(`${folder}/${OWNER_FILE}`)
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Holder {
  readonly pid: number
  /** When the process started, in kernel ticks since boot: a pid alone is reused. */
  readonly started: string
  readonly boot: string
  readonly host: string
}

/** Undefined when somebody else listens there. */
function listen(name: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy())
    server.on('error', (error) => (errorCode(error) === 'EADDRINUSE' ? resolve(undefined) : reject(error)))
    server.listen(name, () => {
      server.unref()
      resolve(server)
    })
  })
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
    // A torn file: its writer died while writing it.
    return undefined
  } finally {
    await file.close()
  }
}

async function writeHolder(storage: Storage, folder: string): Promise<void> {
  const file = await storage.open(`${folder}/${OWNER_FILE}`, 'ensure')
  const text = JSON.stringify(thisProcess())
  try {
    await file.truncate(0)
    await file.write([Buffer.from(`${text}\n`)], 0)
  } finally {
    await file.close()
  }
}

const OWNER_FILE = 'owner.json'

function thisProcess(): Holder {
  return { pid: process.pid, started: startOf(process.pid) ?? '', boot: bootId(), host: hostname() }
}

function isAlive(holder: Holder): boolean {
  if (holder.pid === process.pid || holder.boot !== bootId()) return false
  return startOf(holder.pid) === holder.started
}

function heldBy(folder: string, holder: Holder | undefined): StreamrunError {
  const who = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`
  return new StreamrunError('SR_STATE_LOCKED', `${folder} is in use by ${who}`)
}

/** Field 22 of /proc/PID/stat (proc(5)); the name in field 2 may hold spaces and brackets. */
function startOf(pid: number): string | undefined {
  const stat = readProc(`/proc/${pid}/stat`)
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}

function bootId(): string {
  return readProc('/proc/sys/kernel/random/boot_id')?.trim() ?? ''
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
