/** `0.4 s`, `12 s`, `1:23`, `2:05:00`, `3 d 2:05:00`: as exact as it matters. */
export function describeDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  if (seconds < 10) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`
  if (seconds < 60) return `${seconds} s`
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ]
  const tail = `${twoDigits(seconds % 60)}`
  if (days > 0) return `${days} d ${hours}:${twoDigits(minutes)}:${tail}`
  return hours > 0 ? `${hours}:${twoDigits(minutes)}:${tail}` : `${minutes}:${tail}`
}

/** Never 100 % before it is all. */
export function describeShare(share: number): string {
  return `${Math.floor(Math.min(1, Math.max(0, share)) * 100)} %`
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0')
}
