import type { Check } from '../../engine/plugin.ts'

/** The faults of bounds, which are both allowed; either may be left out. */
export function boundsFaults(
  { min, max }: { readonly min: number | undefined; readonly max: number | undefined },
  path: readonly (string | number)[],
): NonNullable<Check['faults']> {
  if (min === undefined && max === undefined)
    return [{ path, code: 'SR_MISSING_OPTION', message: 'has neither `min` nor `max`' }]
  if (min === undefined || max === undefined || min <= max) return []
  const message = `is less than \`min\`, ${min}: nothing is between them`
  return [{ path: [...path, 'max'], code: 'SR_OPTION_REFUSED', message, hint: 'exchange the two' }]
}
