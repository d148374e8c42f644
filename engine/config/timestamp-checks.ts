import { compileTimeFormat, type TimeFormat, TimeFormatError } from '../time/format.ts'
import type { TimestampValues } from '../time/options.ts'
import type { Draft } from './components.ts'
import type { FaultLog } from './faults.ts'
import { didYouMean } from './nearest.ts'
import { nodeAt } from './tree.ts'

/** What is wrong with the `timestamp` of a source beyond its schema. */
export function checkTimestamp({ settings, path, node, place }: Draft, faults: FaultLog): void {
  const timestamp = settings?.common.timestamp as TimestampValues | undefined
  if (settings?.plugin.kind !== 'source' || timestamp === undefined) return
  const written = (option: string) => nodeAt(node, ['timestamp', option])?.node
  const refuse = (option: string, message: string, hint?: string) => {
    const at = written(option) ?? nodeAt(node, ['timestamp'])?.node ?? place
    faults.add({ code: 'SR_OPTION_REFUSED', at, path: [...path, 'timestamp', option], message, hint })
  }
  if (timestamp.from === undefined && settings.plugin.eventTime === true) {
    for (const option of ['format', 'zone']) {
      if (written(option) !== undefined) refuse(option, 'has no effect without `from`')
    }
    return
  }
  if (timestamp.from === undefined) {
    refuse('from', 'is missing: else the time of a record is that of its arrival', 'say where its time stands')
  }
  // Each by itself, so that a fault of one does not hide that of the other.
  const format = faultOf(() => compileTimeFormat(timestamp.format))
  if (format !== undefined) refuse('format', format)
  const zone = faultOf(() => compileTimeFormat('iso', timestamp.zone))
  if (zone !== undefined) refuse('zone', zone, didYouMean(timestamp.zone, Intl.supportedValuesOf('timeZone')))
}

function faultOf(compile: () => TimeFormat): string | undefined {
  try {
    const { unreadable } = compile()
    return unreadable === undefined ? undefined : `no time can be read with it: ${unreadable}`
  } catch (error) {
    if (error instanceof TimeFormatError) return error.message
    throw error
  }
}
