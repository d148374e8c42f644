import type { JsonObject } from '../record.ts'
import type { Storage } from '../storage.ts'
import { readLines } from './text-files.ts'

/** The dead letters in the state folder of a pipeline, in the order of their files. */
export async function readDeadLetters(storage: Storage, stateDir: string): Promise<JsonObject[]> {
  const folder = `${stateDir}/dead-letters`
  if ((await storage.stat(folder)) === undefined) return []
  const names = (await storage.list(folder)).map(({ name }) => name).sort()
  const files = await Promise.all(names.map((name) => readLines(storage, `${folder}/${name}`)))
  return files.flat().map((line) => JSON.parse(line) as JsonObject)
}
