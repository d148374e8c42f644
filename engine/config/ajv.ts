import type { Ajv2020, Options } from 'ajv/dist/2020.js'
import { parseDuration, parsePeriod, parseSize } from '../options.ts'

/** What our schemas mean by the formats that are more than a mark. */
export const FORMATS = {
  duration: (text: string) => !Number.isNaN(parseDuration(text)),
  'positive-duration': (text: string) => parseDuration(text) >= 1,
  period: (text: string) => isPeriod(parsePeriod(text)),
  size: (text: string) => !Number.isNaN(parseSize(text)),
} as const

function isPeriod(period: ReturnType<typeof parsePeriod>): boolean {
  return typeof period === 'string' || period >= 1
}

/** Ajv for the schemas of definitions; loaded only when it is called. */
export async function loadAjv(options: Options): Promise<Ajv2020> {
  const { Ajv2020 } = await import('ajv/dist/2020.js')
  return new Ajv2020({
    strict: false,
    // `.nan` and `.inf` are numbers in YAML, and pass every bound or none.
    strictNumbers: true,
    messages: false,
    // The schemas are our own, checked by their tests; checking them again costs more than all the rest.
    validateSchema: false,
    meta: false,
    formats: { ...FORMATS, jsonata: true, template: true },
    ...options,
  })
}
