/** Compiles `CUST_%05d`; undefined for a text without `%d`, or with another `%`. */
export function formatterOf(format: string): ((number: number) => string) | undefined {
  const parts = format.split(/(%%|%d|%0\d{1,2}d)/)
  const texts = parts.filter((_, index) => index % 2 === 0)
  const codes = parts.filter((_, index) => index % 2 === 1)
  if (texts.some((text) => text.includes('%')) || codes.every((code) => code === '%%')) return undefined
  return (number) => parts.map((part, index) => (index % 2 === 0 ? part : written(part, number))).join('')
}

function written(code: string, number: number): string {
  if (code === '%%') return '%'
  const digits = String(Math.abs(number)).padStart(Number(code.slice(1, -1)), '0')
  return number < 0 ? `-${digits}` : digits
}
