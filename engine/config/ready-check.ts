import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import type { JsonSchema } from '../options.ts'
import type { Json } from '../record.ts'
import { errorCode } from '../storage.ts'
import { FORMATS } from './ajv.ts'

/** True when a value meets a schema; does not say what is wrong when it does not. */
export type ReadyCheck = (value: Json) => boolean

/**
 * The check that was compiled from this very schema when streamrun was built (engine/build/checks.ts); undefined for
 * the schema of a plugin from outside. Loading ajv and compiling the schemas of a small pipeline takes as long as all
 * the rest of a start.
 */
export async function readyCheck(schema: JsonSchema): Promise<ReadyCheck | undefined> {
  const file = `#checks/${checkFile(schema)}`
  try {
    const { default: make } = (await import(file)) as ReadyModule
    return make(FORMATS, createRequire(import.meta.url))
  } catch (error) {
    if (errorCode(error) === 'ERR_MODULE_NOT_FOUND') return undefined
    throw error
  }
}

/** What a file in dist/checks holds: a function that takes what the code of the check refers to. */
interface ReadyModule {
  readonly default: (formats: typeof FORMATS, require: NodeJS.Require) => ReadyCheck
}

/** The name of a file in dist/checks. It follows from the schema, so a check is never that of another one. */
export function checkFile(schema: JsonSchema): string {
  return `${createHash('sha256').update(JSON.stringify(schema)).digest('hex').slice(0, 32)}.js`
}
