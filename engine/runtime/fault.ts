import { messageOf, StreamrunError } from '../errors.ts'
import { errorCode } from '../storage.ts'

/** What a component threw, with its name: an error of the system is SR_IO, anything that is no error of ours a defect. */
export function faultOf(component: string, thrown: unknown): StreamrunError {
  if (thrown instanceof StreamrunError) return thrown
  const code = errorCode(thrown) === undefined ? 'SR_PLUGIN_DEFECT' : 'SR_IO'
  return new StreamrunError(code, `${component}: ${messageOf(thrown)}`, { component, cause: thrown })
}
