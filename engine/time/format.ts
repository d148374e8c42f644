/**
 * Times as data writes them. What a time looks like is declared, never guessed: one of the names below, or a pattern
 * with the directives of `directives.ts`. What is read from and written to is epoch milliseconds, UTC.
 */

import type { Json } from '../record.ts'
import { MAX_TIME_MS } from './civil.ts'
import { EPOCH_UNITS, type EpochUnit, parseEpoch, printEpoch } from './epoch.ts'
import { isoBytesParser, parseIso, printIso } from './iso.ts'
import { compilePattern, PatternError } from './pattern.ts'
import { findZone, type Zone } from './zone.ts'

/** Formats that have a name; whatever else holds a `%` is a pattern. */
export const TIME_FORMATS = ['iso', ...Object.keys(EPOCH_UNITS)] as readonly ('iso' | EpochUnit)[]

export interface TimeFormat {
  /** Why no time can be read with it, though one can be written, as with `%H:%M`: "it names no year". */
  readonly unreadable: string | undefined
  /** The time that `value` stands for; undefined where it is none in this format. */
  parse(value: Json): number | undefined
  /** The time of the text `data[start .. end]`; undefined where `parse` has to be asked. Left out: always. */
  readonly parseBytes?: (data: Buffer, start: number, end: number) => number | undefined
  /** Throws `RangeError` for what is no time. */
  print(time: number): string
}

/** A format or a zone that there is not. */
export class TimeFormatError extends Error {
  readonly part: 'format' | 'zone'
  /** Offset of the fault in that part. */
  readonly position: number

  constructor(part: 'format' | 'zone', position: number, message: string) {
    super(message)
    this.name = 'TimeFormatError'
    this.part = part
    this.position = position
  }
}

/**
 * `zone` (an IANA name, `UTC` or `+05:30`) holds for texts that carry no offset of their own, and for what is written.
 * Where clocks go forward or back, the rules of `Zone.toTime` hold. Throws `TimeFormatError`.
 */
export function compileTimeFormat(format: string, zone = 'UTC'): TimeFormat {
  const found = findZone(zone)
  if (found === undefined) throw new TimeFormatError('zone', 0, `there is no time zone ${JSON.stringify(zone)}`)
  const { print, ...reading } = formatIn(format, found)
  return {
    ...reading,
    print: (time) => {
      if (!(Math.abs(time) <= MAX_TIME_MS)) throw new RangeError('no time: it is not finite, or too far away')
      return print(time)
    },
  }
}

function formatIn(format: string, zone: Zone): TimeFormat {
  if (format === 'iso') {
    return {
      unreadable: undefined,
      parse: (value) => parseIso(value, zone),
      parseBytes: isoBytesParser(zone),
      print: (time) => printIso(time, zone),
    }
  }
  if (isEpochUnit(format)) {
    return {
      unreadable: undefined,
      parse: (value) => parseEpoch(value, format),
      print: (time) => printEpoch(time, format),
    }
  }
  if (!format.includes('%')) {
    const message = `there is no format ${JSON.stringify(format)}: write ${TIME_FORMATS.join(', ')}, or a pattern such as %Y-%m-%d %H:%M:%S`
    throw new TimeFormatError('format', 0, message)
  }
  try {
    return compilePattern(format, zone)
  } catch (error) {
    if (error instanceof PatternError) throw new TimeFormatError('format', error.position, error.message)
    throw error
  }
}

function isEpochUnit(format: string): format is EpochUnit {
  return Object.hasOwn(EPOCH_UNITS, format)
}
