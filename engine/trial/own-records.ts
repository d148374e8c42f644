import type { Definition, SourceComponent } from '../config/definition.ts'
import { StreamrunError } from '../errors.ts'
import type { SourceBatch } from '../plugin.ts'
import type { StreamRecord } from '../record.ts'
import type { Environment } from '../runtime/context.ts'
import { takeSample } from './sample.ts'
import type { ScriptedRecord } from './script-source.ts'

/** It reads nothing that a test would depend on: no files, no service. */
export function makesItsOwn({ check, options }: SourceComponent): boolean {
  return (check.reads ?? []).length === 0 && options.connection === undefined
}

/** The first `limit` records that a source makes itself, or all that there are; those it could not make among them. */
export async function ownRecords(
  component: SourceComponent,
  definition: Definition,
  environment: Environment,
  limit: number,
): Promise<readonly ScriptedRecord[]> {
  const { batches, stop } = await takeSample(component, definition, { ...environment, readOnly: true }, limit)
  if (stop.kind === 'error') throw stop.error
  if (stop.kind === 'silence' || batches.some(({ frames }) => frames !== undefined)) {
    const reason = stop.kind === 'silence' ? 'it waits for something' : 'they are bytes'
    throw new StreamrunError('SR_TEST_CASE', `the first records of ${component.name} cannot be had: ${reason}`)
  }
  return batches.flatMap(scriptedIn)
}

function scriptedIn({ records, failed = [] }: SourceBatch): ScriptedRecord[] {
  const failures = failed.map((failure) => ({ value: null, failure }))
  return [...(records?.records ?? []).map(scriptedOf), ...failures]
}

function scriptedOf({ value, key, timestamp, headers }: StreamRecord): ScriptedRecord {
  return { value, key: typeof key === 'string' ? key : undefined, at: timestamp, headers }
}
