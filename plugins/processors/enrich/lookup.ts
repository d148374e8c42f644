import { resolve } from 'node:path'
import { type Json, messageOf, type ProcessorContext, parseTable, readReference } from '../../../engine/plugin.ts'

/** A table that follows its file. */
export interface Lookup {
  row(key: string): Json | undefined
  readonly size: number
  /** When the file is to be looked at next, by the wall clock. */
  readonly due: number
  /** Looks at the file, and reads it if it is another. */
  look(): Promise<void>
}

type Surroundings = Pick<ProcessorContext, 'storage' | 'definitionFolder' | 'clock' | 'health' | 'log'>

/** Throws when the file cannot be read or is no table: without one nothing can be looked up. */
export async function openLookup(path: string, key: string, every: number, context: Surroundings): Promise<Lookup> {
  const { storage, definitionFolder, clock, health, log } = context
  let version = await versionOf()
  let rows = parseTable(path, await readReference(path, context), key)
  let due = clock.now() + every

  /** A file that is replaced is another one, or has another size or time. */
  async function versionOf(): Promise<string> {
    const stat = await storage.stat(resolve(definitionFolder, path))
    return stat === undefined ? 'none' : `${stat.inode} ${stat.size} ${stat.modifiedMs}`
  }

  async function look(): Promise<void> {
    due = clock.now() + every
    const found = await versionOf()
    if (found === version) return
    try {
      rows = parseTable(path, await readReference(path, context), key)
      version = found
      health.ok()
      log.info(`${path} has changed: ${rows.size} rows`)
    } catch (error) {
      health.degraded(`${path} is not taken, the last good one stays: ${messageOf(error)}`)
    }
  }

  return {
    row: (text) => rows.get(text),
    get size() {
      return rows.size
    },
    get due() {
      return due
    },
    look,
  }
}
