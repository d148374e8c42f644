import { messageOf, RetryableError, StreamrunError } from '../errors.ts'
import { errorCode } from '../storage.ts'

/** What a component threw, with its name: an error of the system is SR_IO, anything that is no error of ours a defect. */
export function faultOf(component: string, thrown: unknown): StreamrunError {
  if (thrown instanceof StreamrunError) return thrown
  // What may pass where nothing can be called again is an error of the world too.
  const isOutside = thrown instanceof RetryableError || errorCode(thrown) !== undefined
  const code = isOutside ? 'SR_IO' : 'SR_PLUGIN_DEFECT'
  return new StreamrunError(code, `${component}: ${messageOf(thrown)}`, { component, cause: thrown })
}
