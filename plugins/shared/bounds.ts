import { type Fault, fault } from './fault.ts'

/** The faults of bounds, which are both allowed; either may be left out. */
export function boundsFaults(
  { min, max }: { readonly min: number | undefined; readonly max: number | undefined },
  path: Fault['path'],
): readonly Fault[] {
  if (min === undefined && max === undefined) return [fault(path, 'SR_MISSING_OPTION', 'has neither `min` nor `max`')]
  if (min === undefined || max === undefined || min <= max) return []
  const message = `is less than \`min\`, ${min}: nothing is between them`
  return [fault([...path, 'max'], 'SR_OPTION_REFUSED', message, 'exchange the two')]
}
