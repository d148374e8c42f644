import { compileTimeFormat, TimeFormatError } from '../time/format.ts'
import type { TimestampValues } from '../time/options.ts'
import type { Draft } from './components.ts'
import type { FaultLog } from './faults.ts'
import { nodeAt } from './tree.ts'

/** What is wrong with the `timestamp` of a source beyond its schema. */
export function checkTimestamp({ settings, path, node, place }: Draft, faults: FaultLog): void {
  const timestamp = settings?.common.timestamp as TimestampValues | undefined
  if (settings?.plugin.kind !== 'source' || timestamp === undefined) return
  const refuse = (option: string, message: string, hint?: string) => {
    const at = nodeAt(node, ['timestamp', option])?.node ?? nodeAt(node, ['timestamp'])?.node ?? place
    faults.add({ code: 'SR_OPTION_REFUSED', at, path: [...path, 'timestamp', option], message, hint })
  }
  if (timestamp.from === undefined && settings.plugin.eventTime !== true) {
    refuse('from', 'is missing: else the time of a record is that of its arrival', 'say where its time stands')
  } else if (timestamp.from === undefined) {
    const useless = ['format', 'zone'].find((option) => nodeAt(node, ['timestamp', option]) !== undefined)
    if (useless !== undefined) refuse(useless, 'has no effect without `from`')
  } else {
    const fault = formatFault(timestamp)
    if (fault !== undefined) refuse(fault.part, fault.message)
  }
}

function formatFault({ format, zone }: TimestampValues): { part: string; message: string } | undefined {
  try {
    const { unreadable } = compileTimeFormat(format, zone)
    return unreadable === undefined
      ? undefined
      : { part: 'format', message: `no time can be read with it: ${unreadable}` }
  } catch (error) {
    if (error instanceof TimeFormatError) return error
    throw error
  }
}
