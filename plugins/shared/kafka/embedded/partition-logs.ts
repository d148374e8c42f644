import { join } from 'node:path'
import { type Log, openLog, type Storage } from '../../../../engine/plugin.ts'
import type { Ledger } from './ledger.ts'

/**
 * The log of one partition. Compaction writes another one beside it: there are two folders, `0` and `0.b` for the
 * partition 0, and the ledger says which of them is in use. What is in the other one nobody needs.
 */
export class PartitionLogs {
  readonly #storage: Storage
  readonly #folder: string
  readonly #key: string
  readonly #ledger: Ledger
  readonly #segmentSize: number

  constructor(storage: Storage, folder: string, key: string, ledger: Ledger, segmentSize: number) {
    this.#storage = storage
    this.#folder = folder
    this.#key = key
    this.#ledger = ledger
    this.#segmentSize = segmentSize
  }

  /** The one in use. */
  async open(): Promise<Log> {
    const { generation } = this.#ledger.rewritten(this.#key)
    await removeFiles(this.#storage, logFolder(this.#folder, generation + 1))
    return this.#open(generation)
  }

  /** An empty one, to be used next. */
  async openNext(): Promise<Log> {
    const { generation } = this.#ledger.rewritten(this.#key)
    await removeFiles(this.#storage, logFolder(this.#folder, generation + 1))
    return this.#open(generation + 1)
  }

  /** One atomic write: from here on the next one is the one in use. */
  useNext(clean: number, bytes: number): Promise<void> {
    const { generation } = this.#ledger.rewritten(this.#key)
    return this.#ledger.rewrite(this.#key, { generation: generation + 1, clean, bytes })
  }

  /** Of the one that is not in use. */
  removeOther(): Promise<void> {
    return removeFiles(this.#storage, logFolder(this.#folder, this.#ledger.rewritten(this.#key).generation + 1))
  }

  #open(generation: number): Promise<Log> {
    return openLog(this.#storage, logFolder(this.#folder, generation), {
      segmentSize: this.#segmentSize,
      sync: 'always',
    })
  }
}

/** `folder`: `<topic>/<partition>`. */
export function logFolder(folder: string, generation: number): string {
  return generation % 2 === 0 ? folder : `${folder}.b`
}

/** All files of a folder, and of those in it; the folders stay. */
export async function removeTree(storage: Storage, folder: string): Promise<void> {
  if ((await storage.stat(folder)) === undefined) return
  for (const { name, kind } of await storage.list(folder)) {
    if (kind === 'folder') await removeTree(storage, join(folder, name))
  }
  await removeFiles(storage, folder)
}

async function removeFiles(storage: Storage, folder: string): Promise<void> {
  if ((await storage.stat(folder)) === undefined) return
  const files = (await storage.list(folder)).filter(({ kind }) => kind === 'file')
  for (const { name } of files) await storage.remove(join(folder, name))
  if (files.length > 0) await storage.syncFolder(folder)
}
