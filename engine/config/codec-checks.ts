import { CODECS, type CodecDefinition, type CodecName, type CodecValues } from '../codec/index.ts'
import type { Draft } from './components.ts'
import type { FaultLog } from './faults.ts'
import { nodeAt } from './tree.ts'

/** What is wrong with the options of a codec beyond their schema, and options of a codec that is not the chosen one. */
export function checkCodec({ settings, path, node, place }: Draft, faults: FaultLog): void {
  const chosen = settings?.common.codec
  if (settings === undefined || typeof chosen !== 'string') return
  for (const name of Object.keys(CODECS)) {
    const written = name === chosen ? undefined : nodeAt(node, [name])
    if (written === undefined || !Object.hasOwn(settings.common, name)) continue
    const message = `has no effect with codec ${chosen}`
    faults.add({ code: 'SR_OPTION_REFUSED', at: written.key ?? written.node, path: [...path, name], message })
  }
  const definition: CodecDefinition = CODECS[chosen as CodecName]
  for (const { option, message } of definition.faults?.(settings.common[chosen] as CodecValues) ?? []) {
    const at = nodeAt(node, [chosen, option])?.node ?? place
    faults.add({ code: 'SR_OPTION_REFUSED', at, path: [...path, chosen, option], message })
  }
}
