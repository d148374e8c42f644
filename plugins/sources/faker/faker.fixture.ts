import { readOptions } from '../../../engine/options.ts'
import type { Json, SourceBatch, StreamRecord } from '../../../engine/plugin.ts'
import { sourceContext } from '../../../test/contract/index.ts'
import faker from './index.ts'
import type { Position } from './source.ts'

export type FakerYaml = { readonly [option: string]: Json }

/** The batches with these options, as in YAML; `position` is where an earlier run has stopped. */
export async function open(
  options: FakerYaml,
  chosen: Parameters<typeof sourceContext>[0] & { readonly position?: Position } = {},
): Promise<{ batches: AsyncIterator<SourceBatch, undefined>; context: ReturnType<typeof sourceContext> }> {
  const { position, ...rest } = chosen
  const positions = new Map<string, Json>(position === undefined ? [] : [['generated', position]])
  const context = sourceContext({ positions, ...rest })
  const source = await faker.open(readOptions(faker.options, options), context)
  return { batches: source.batches()[Symbol.asyncIterator]() as AsyncIterator<SourceBatch, undefined>, context }
}

/** All records of a source that ends, each of which can be made. */
export async function recordsOf(...given: Parameters<typeof open>): Promise<StreamRecord[]> {
  const records: StreamRecord[] = []
  const { batches } = await open(...given)
  for (let step = await batches.next(); !step.done; step = await batches.next()) {
    for (const { error } of step.value.failed ?? []) throw error
    records.push(...(step.value.records?.records ?? []))
  }
  return records
}

export async function valuesOf(...given: Parameters<typeof open>): Promise<{ readonly [field: string]: Json }[]> {
  return (await recordsOf(...given)).map(({ value }) => value as { readonly [field: string]: Json })
}
