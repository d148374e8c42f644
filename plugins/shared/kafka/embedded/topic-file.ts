import { join } from 'node:path'
import { messageOf, type Storage, StreamrunError } from '../../../../engine/plugin.ts'

/** What `topic.json` in a topic's folder says. Without it, the folder is no topic. */
export interface TopicFile {
  readonly version: 1
  readonly partitions: number
  /** When it was made, epoch milliseconds; left out by who did not note it. */
  readonly created?: number
  readonly retention_bytes: number
  readonly retention_ms: number
  /** Left out: `delete`. */
  readonly cleanup?: 'delete' | 'compact'
  /** Of compaction. */
  readonly tombstone_ms?: number
}

export async function readTopicFile(storage: Storage, folder: string): Promise<TopicFile | undefined> {
  const path = join(folder, NAME)
  const text = await readText(storage, path)
  if (text === undefined) return undefined
  const file = parse(path, text)
  if (file.version === 1 && Number.isInteger(file.partitions)) return file
  throw new StreamrunError('SR_LOG_VERSION', `${path} has format version ${file.version}; this streamrun reads 1`)
}

/** Whole or not at all: the topic is there when the name is. */
export async function writeTopicFile(storage: Storage, folder: string, content: TopicFile): Promise<void> {
  const path = join(folder, NAME)
  await storage.makeFolder(folder)
  const file = await storage.open(`${path}.tmp`, 'ensure')
  try {
    await file.truncate(0)
    await file.write([Buffer.from(`${JSON.stringify(content)}\n`)], 0)
    await file.sync()
  } finally {
    await file.close()
  }
  await storage.rename(`${path}.tmp`, path)
  await storage.syncFolder(folder)
}

/** From here on there is no such topic. */
export async function removeTopicFile(storage: Storage, folder: string): Promise<void> {
  await storage.remove(join(folder, NAME))
  await storage.syncFolder(folder)
}

const NAME = 'topic.json'

async function readText(storage: Storage, path: string): Promise<string | undefined> {
  const stat = await storage.stat(path)
  if (stat === undefined) return undefined
  const file = await storage.open(path, 'read')
  try {
    const bytes = Buffer.alloc(stat.size)
    return bytes.toString('utf8', 0, await file.read(bytes, 0, bytes.length, 0))
  } finally {
    await file.close()
  }
}

function parse(path: string, text: string): TopicFile {
  try {
    return JSON.parse(text) as TopicFile
  } catch (cause) {
    throw new StreamrunError('SR_LOG_CORRUPT', `${path}: ${messageOf(cause)}`, { cause })
  }
}
