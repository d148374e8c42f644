/** The letters that may follow a % sign in a template, as in `strftime`; always UTC. */
export type TimeCode = keyof typeof CODES

const CODES = {
  Y: (time: Date) => padded(time.getUTCFullYear(), 4),
  y: (time: Date) => padded(time.getUTCFullYear() % 100, 2),
  m: (time: Date) => padded(time.getUTCMonth() + 1, 2),
  d: (time: Date) => padded(time.getUTCDate(), 2),
  j: (time: Date) => padded(dayOfYear(time), 3),
  H: (time: Date) => padded(time.getUTCHours(), 2),
  M: (time: Date) => padded(time.getUTCMinutes(), 2),
  S: (time: Date) => padded(time.getUTCSeconds(), 2),
  L: (time: Date) => padded(time.getUTCMilliseconds(), 3),
} as const

export const TIME_CODES = Object.keys(CODES) as readonly TimeCode[]

/** `timestamp` is epoch milliseconds. */
export function formatTime(timestamp: number, code: TimeCode): string {
  return CODES[code](new Date(timestamp))
}

function dayOfYear(time: Date): number {
  const newYear = Date.UTC(time.getUTCFullYear(), 0, 1)
  return Math.floor((time.getTime() - newYear) / 86_400_000) + 1
}

function padded(number: number, width: number): string {
  return String(number).padStart(width, '0')
}
