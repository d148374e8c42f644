import {
  type CheckContext,
  type Expression,
  type Json,
  type OptionValues,
  type ProcessorContext,
  type StreamRecord,
  StreamrunError,
} from '../../../engine/plugin.ts'
import { findSchema } from '../../shared/json-schema/source.ts'
import { driftBetween, type History } from './drift.ts'
import { MEASURES, type options } from './options.ts'
import type { Tally, Window } from './tally.ts'

export type Given = OptionValues<typeof options>
export type GivenCheck = Given['checks'][number]
export type MeasureName = keyof typeof MEASURES

export const MEASURE_NAMES = Object.keys(MEASURES) as MeasureName[]

export function measuresIn(check: GivenCheck): readonly MeasureName[] {
  return MEASURE_NAMES.filter((name) => check[name] !== undefined)
}

/** What a check found in a window. */
export interface Verdict {
  readonly ok: boolean
  readonly observed: Json
  readonly expected: Json
}

/** One check at work. */
export interface Check {
  readonly name: string
  readonly severity: GivenCheck['severity']
  /** Its value in each record; left out where the record itself is looked at. */
  readonly of?: Expression
  count(tally: Tally, record: StreamRecord, value: Json | undefined): void
  judge(tally: Tally, window: Window): Verdict
}

export async function openCheck(
  given: GivenCheck,
  { max_values: maxValues }: Given,
  history: History,
  context: ProcessorContext,
): Promise<Check> {
  const { name, severity, nulls, compliance, freshness, duplicates, volume, drift } = given
  const head = { name, severity }
  if (nulls !== undefined) {
    return {
      ...head,
      of: context.expression(nulls.of),
      count: (tally, _, value) => note(tally, value === undefined || value === null),
      judge: (tally) => shareVerdict(tally, nulls.max_share),
    }
  }
  if (compliance !== undefined) {
    const found = await findSchema(compliance, context)
    if ('fault' in found) throw new StreamrunError(found.fault.code, found.fault.message, { component: context.id })
    return {
      ...head,
      count: (tally, { value }) => note(tally, found.validator.reasonsAgainst(value).length > 0),
      judge: (tally) => shareVerdict(tally, compliance.max_share),
    }
  }
  if (freshness !== undefined) {
    return {
      ...head,
      count(tally, { timestamp }) {
        const age = context.clock.now() - timestamp
        tally.oldest = Math.max(tally.oldest, age)
        note(tally, age > freshness.max_age)
      },
      judge: (tally) => {
        const { ok, observed, expected } = shareVerdict(tally, freshness.max_share)
        const oldest = { ...(observed as object), oldest_ms: tally.oldest } as Json
        return { ok, observed: oldest, expected: { ...(expected as object), max_age_ms: freshness.max_age } as Json }
      },
    }
  }
  if (duplicates !== undefined) {
    return {
      ...head,
      of: context.expression(duplicates.of),
      count(tally, _, value) {
        if (value !== undefined && value !== null) note(tally, remember(tally, value, maxValues) > 1)
      },
      judge: (tally) => shareVerdict(tally, duplicates.max_share),
    }
  }
  if (drift !== undefined) {
    return {
      ...head,
      of: context.expression(drift.of),
      count(tally, _, value) {
        if (value !== undefined && value !== null && remember(tally, value, maxValues) > 0) tally.looked += 1
      },
      judge: (tally) => driftBetween(tally, name, drift, history),
    }
  }
  const [min = 0, max = Number.POSITIVE_INFINITY] = [volume?.min, volume?.max]
  return {
    ...head,
    count: () => {},
    judge: (_, { records }) => ({
      ok: records >= min && records <= max,
      observed: records,
      expected: { ...(volume?.min === undefined ? {} : { min }), ...(volume?.max === undefined ? {} : { max }) },
    }),
  }
}

function note(tally: Tally, isBad: boolean): void {
  tally.looked += 1
  if (isBad) tally.bad += 1
}

/** How often the value has come, this time included; 0 for one that there is no room for. */
function remember({ values }: Tally, value: Json, maxValues: number): number {
  const text = JSON.stringify(value)
  const before = values.get(text)
  if (before === undefined && values.size >= maxValues) return 0
  values.set(text, (before ?? 0) + 1)
  return (before ?? 0) + 1
}

function shareVerdict({ looked, bad }: Tally, maxShare: number): Verdict {
  const share = looked === 0 ? 0 : bad / looked
  return { ok: share <= maxShare, observed: { records: bad, share }, expected: { max_share: maxShare } }
}

/** Schemas are read with the definition too, so that a wrong one is found before anything starts. */
export async function schemaFault(given: GivenCheck, context: CheckContext) {
  if (given.compliance === undefined) return undefined
  const found = await findSchema(given.compliance, context)
  return 'fault' in found ? found.fault : undefined
}
