import { defineChannel } from '../../../engine/plugin.ts'
import { options } from './options.ts'

/** Only its options: the queues of the memory channel are the engine's own. */
export default defineChannel({
  type: 'memory',
  summary: 'Holds records in memory between two stages, so that one need not wait for the other.',
  options,
})
