import type { Json, OptionValues } from '../../../engine/plugin.ts'
import { type KeyPart, keyOf, keyParts, valuesOf } from '../../shared/by.ts'
import type { Detector } from './detectors/detector.ts'
import { condition, threshold, values } from './detectors/fixed.ts'
import { iqr, mad } from './detectors/recent.ts'
import { ewma, rateOfChange, zScore } from './detectors/running.ts'
import { DETECTORS, type options } from './options.ts'

export type Given = OptionValues<typeof options>
export type GivenRule = Given['rules'][number]
export type DetectorName = keyof typeof DETECTORS

export const DETECTOR_NAMES = Object.keys(DETECTORS) as DetectorName[]

/** The detectors that a rule names: one, if it is a good rule. */
export function detectorsIn(rule: GivenRule): readonly DetectorName[] {
  return DETECTOR_NAMES.filter((name) => rule[name] !== undefined)
}

/** The detector of a rule; undefined for one that waits for what does not come. */
export function detectorOf(rule: GivenRule): Detector | undefined {
  if (rule.condition !== undefined) return condition(rule.condition)
  if (rule.values !== undefined) return values(rule.values)
  if (rule.threshold !== undefined) return threshold(rule.threshold)
  if (rule.z_score !== undefined) return zScore(rule.z_score)
  if (rule.ewma !== undefined) return ewma(rule.ewma)
  if (rule.mad !== undefined) return mad(rule.mad)
  if (rule.iqr !== undefined) return iqr(rule.iqr)
  if (rule.rate_of_change !== undefined) return rateOfChange(rule.rate_of_change)
  return undefined
}

/** What tells the keys of a rule in an alert: the parts by their names, nothing for a rule without `by`. */
export function keyIn(key: string, parts: readonly KeyPart[]): { readonly [name: string]: Json } | undefined {
  if (parts.length === 0) return undefined
  const found = valuesOf(key, parts)
  return Object.fromEntries(parts.map(({ name }, index) => [name, found[index] as Json]))
}

/** The keys that a rule expects; each is a value, or a list of as many as `by` has expressions. */
export function expectedKeys(expected: readonly Json[], parts: readonly KeyPart[]): readonly string[] {
  return expected.map((one) => keyOf(parts.length > 1 ? (one as readonly Json[]) : [one], parts))
}

/** What a rule has learned means nothing under another detector or another key. */
export function identityOf({ rules }: Given): Json {
  const learned = rules.map((rule) => ({
    name: rule.name,
    detector: detectorsIn(rule).map((name) => [name, modelOf(rule, name)]),
    by: keyParts(rule.by).map(({ text }) => text),
  }))
  return JSON.parse(JSON.stringify(learned)) as Json
}

/** Limits may change: the model is the same. */
function modelOf(rule: GivenRule, name: DetectorName): Json {
  const { of, alpha, last } = rule[name] as { readonly [option: string]: Json }
  return [of ?? null, alpha ?? null, last ?? null]
}
