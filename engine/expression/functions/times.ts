import { compileTimeFormat, type TimeFormat, TimeFormatError } from '../../time/format.ts'
import { FunctionError } from './errors.ts'
import type { ArgumentFault, StreamrunFunction } from './index.ts'
import { remembered } from './remembered.ts'

export const timeFunctions: Readonly<Record<string, StreamrunFunction>> = {
  parse_time: {
    signature: '<(sn)-s?s?:n>',
    parameters: 'value, [format], [zone]',
    about:
      'The time that `value` stands for, in milliseconds since 1970, as `$timestamp` is; nothing where it is no time of this format. `format` is `iso` (the default), `epoch_s`, `epoch_ms`, `epoch_us`, `epoch_ns`, or a pattern of the directives below; `zone` (UTC by default) holds for values that carry no offset.',
    examples: [
      { expression: '$parse_time("2024-03-31T12:00:00+02:00")', result: 1711879200000 },
      { expression: '$parse_time("31/Mar/2024:12:00:00 +0200", "%d/%b/%Y:%H:%M:%S %z")', result: 1711879200000 },
      { expression: '$parse_time("2024-03-31 12:00", "%F %R", "Europe/Berlin")', result: 1711879200000 },
      { expression: '$parse_time(1711879200.5, "epoch_s")', result: 1711879200500 },
      { expression: '$parse_time("yesterday") ?? "unknown"', result: 'unknown' },
    ],
    implement: () => {
      const formats = knownFormats()
      return (value?: string | number, format = 'iso', zone = 'UTC') =>
        value === undefined ? undefined : formats(format, zone).parse(value)
    },
    check: ([, format, zone]) => faultOf(format, zone, true),
  },
  format_time: {
    signature: '<n-s?s?:s>',
    parameters: 'ms, [format], [zone]',
    about:
      'Writes a time, given in milliseconds since 1970, in the same formats; names of months and days are English.',
    examples: [
      { expression: '$format_time(1711879200000)', result: '2024-03-31T10:00:00.000Z' },
      { expression: '$format_time(1711879200000, "%A, %-d %B %Y", "Asia/Tokyo")', result: 'Sunday, 31 March 2024' },
      { expression: '$format_time(-1, "epoch_s")', result: '-0.001' },
    ],
    implement: () => {
      const formats = knownFormats()
      return (time?: number, format = 'iso', zone = 'UTC') =>
        time === undefined ? undefined : printed(formats(format, zone), time)
    },
    check: ([, format, zone]) => faultOf(format, zone, false),
  },
}

function knownFormats(): (format: string, zone: string) => TimeFormat {
  const zones = remembered((zone) => remembered((format) => formatOf(format, zone)))
  return (format, zone) => zones(zone)(format)
}

function formatOf(format: string, zone: string): TimeFormat {
  try {
    return compileTimeFormat(format, zone)
  } catch (error) {
    throw error instanceof TimeFormatError ? new FunctionError('D4004') : error
  }
}

function printed(format: TimeFormat, time: number): string {
  try {
    return format.print(time)
  } catch (error) {
    throw error instanceof RangeError ? new FunctionError('D4005') : error
  }
}

function faultOf(format: unknown = 'iso', zone: unknown = 'UTC', reads: boolean): ArgumentFault | undefined {
  if (typeof format !== 'string' || typeof zone !== 'string') return undefined
  try {
    const { unreadable } = compileTimeFormat(format, zone)
    if (!reads || unreadable === undefined) return undefined
    return { argument: 1, message: `no time can be read with this pattern: ${unreadable}` }
  } catch (error) {
    if (!(error instanceof TimeFormatError)) throw error
    return { argument: error.part === 'format' ? 1 : 2, message: error.message }
  }
}
