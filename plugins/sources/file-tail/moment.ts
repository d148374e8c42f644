const ISO = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d+))?)?)?(?: ?(Z|[+-]\d{2}:?\d{2}))?$/i
const EPOCH = /^(\d{1,19})(\.\d+)?$/

/**
 * The epoch milliseconds of a text; NaN when it is no time. ISO 8601, to the day or finer, in UTC when it names no zone;
 * or a number since 1970, of seconds, milliseconds, microseconds or nanoseconds as its length tells.
 */
export function parseMoment(text: string): number {
  const iso = ISO.exec(text)
  if (iso !== null) return parseIso(iso)
  const [, digits = '', fraction = ''] = EPOCH.exec(text) ?? []
  if (digits === '') return Number.NaN
  if (digits.length <= 11) return Math.floor(Number(digits + fraction) * 1000)
  return Math.floor(Number(digits) / (digits.length <= 14 ? 1 : digits.length <= 17 ? 1e3 : 1e6))
}

function parseIso([, day, minute = '00:00', second = '00', fraction = '', zone = 'Z']: RegExpExecArray): number {
  const offset = /^z$/i.test(zone) ? 'Z' : zone.replace(/^(...):?(..)$/, '$1:$2')
  // More digits than a millisecond has are cut off.
  return Date.parse(`${day}T${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}${offset}`)
}
