import { randomUUID } from 'node:crypto'
import { chmod, link, open, readdir, stat, unlink } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { resolve } from 'node:path'

/** The right to use a folder, held until it is released or the process ends, however it ends. */
export interface FolderLock {
  release(): Promise<void>
}

/**
 * One process per folder, for all processes of the machine, those of other containers included: Node has no `flock`,
 * and abstract sockets and process ids end at the borders of a namespace. Whoever listens on the unix socket with the
 * highest number in the folder, `owner-N.sock`, has it; the kernel frees it with the process, so a socket that kill -9
 * leaves refuses every caller. A dead socket stays dead, and the highest is never removed: so whoever found N dead and
 * made N + 1 has won, unless there is a higher one by then. Undefined: another process has it.
 */
export async function lockFolder(folder: string): Promise<FolderLock | undefined> {
  const handle = await open(folder, 'r')
  try {
    const server = await takeTurn(await socketFolder(folder, handle.fd))
    return server && { release: () => close(server) }
  } catch (error) {
    if (!isSocketless(error)) throw error
    const server = await listenAbstract(folder)
    return server && { release: () => close(server) }
  } finally {
    await handle.close()
  }
}

/** A socket's path takes 107 bytes; that of an open folder is short. */
async function socketFolder(folder: string, descriptor: number): Promise<string> {
  const short = `/proc/self/fd/${descriptor}`
  return (await stat(short).catch(() => undefined)) === undefined ? resolve(folder) : short
}

async function takeTurn(folder: string): Promise<Server | undefined> {
  for (;;) {
    const last = await lastTurn(folder)
    if (last > 0 && (await answers(socketOf(folder, last)))) return undefined
    const server = await listenAs(folder, last + 1)
    if (server === undefined) continue
    if ((await lastTurn(folder)) === last + 1) {
      await removeOthers(folder, last + 1)
      return server
    }
    await close(server)
  }
}

async function lastTurn(folder: string): Promise<number> {
  const turns = (await readdir(folder)).map((name) => Number(/^owner-(\d+)\.sock$/.exec(name)?.[1] ?? 0))
  return Math.max(0, ...turns)
}

function socketOf(folder: string, turn: number): string {
  return `${folder}/owner-${turn}.sock`
}

/** True when it is not known that nobody listens. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', (error) => resolve(!isOneOf(error, ['ECONNREFUSED', 'ENOENT'])))
  })
}

/**
 * Its name is given to a socket that listens already: one that is only bound looks dead. Undefined when another was
 * faster, who may have removed ours meanwhile.
 */
async function listenAs(folder: string, turn: number): Promise<Server | undefined> {
  const nameless = `${folder}/owner-${randomUUID()}.new`
  const server = await listen(nameless)
  try {
    // Everyone who can reach the folder may ask whether it is taken: that is all a connection does.
    await chmod(nameless, 0o666)
    await link(nameless, socketOf(folder, turn))
    return server
  } catch (error) {
    await close(server)
    if (isOneOf(error, ['EEXIST', 'ENOENT'])) return undefined
    throw error
  } finally {
    await unlink(nameless).catch(() => {})
  }
}

/** What is left of those who had it, and of those who died while they tried. */
async function removeOthers(folder: string, turn: number): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^owner-.*\.(sock|new)$/.test(name))
  const others = names.filter((name) => `${folder}/${name}` !== socketOf(folder, turn))
  for (const name of others) await unlink(`${folder}/${name}`).catch(() => {})
}

/** File systems that hold no sockets or no links (FAT, some shared folders of virtual machines). */
function isSocketless(error: unknown): boolean {
  return isOneOf(error, ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL'])
}

/** Named for the folder's inode; holds within one network namespace only. */
async function listenAbstract(folder: string): Promise<Server | undefined> {
  const { dev, ino } = await stat(folder, { bigint: true })
  return listen(`\0streamrun/${dev}:${ino}`).catch((error: unknown) => {
    if (isOneOf(error, ['EADDRINUSE'])) return undefined
    throw error
  })
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy())
    server.on('error', reject)
    server.listen(path, () => {
      server.unref()
      resolve(server)
    })
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}

function isOneOf(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
