import {
  defineProcessor,
  type Output,
  RecordError,
  type StreamRecord,
  StreamrunError,
  withHeader,
} from '../../../engine/plugin.ts'
import { findSchema } from '../../shared/json-schema/source.ts'
import type { Validator } from '../../shared/json-schema/validator.ts'
import { options } from './options.ts'

export default defineProcessor({
  type: 'validate',
  summary: 'Checks each record against a JSON Schema.',
  options,
  changes: 'nothing',
  keeps: 'nothing',
  ports: () => ({ main: true, side: ['invalid'], deadLettered: ['invalid'] }),
  check: async (given, context) => {
    const found = await findSchema(given, context)
    return { faults: 'fault' in found ? [found.fault] : [] }
  },
  async open(given, context) {
    const found = await findSchema(given, context)
    // The file may have changed since the definition was checked.
    if ('fault' in found) throw new StreamrunError(found.fault.code, found.fault.message, { component: context.id })
    const { validator } = found
    return {
      process(batch, out) {
        for (const record of batch.records) judge(record, validator, out)
      },
    }
  },
})

function judge(record: StreamRecord, validator: Validator, out: Output): void {
  try {
    const reasons = validator.reasonsAgainst(record.value)
    if (reasons.length === 0) out.emit(record)
    else refuse(record, reasons.join('; '), out)
  } catch (error) {
    if (!(error instanceof RecordError)) throw error
    out.fail(record, error)
  }
}

/** The record stays as it is, bytes and all; only a header says what is wrong with it. */
function refuse(record: StreamRecord, reasons: string, out: Output): void {
  out.emit(withHeader(record, { name: 'reasons', value: reasons }), 'invalid', new RecordError('SR_INVALID', reasons))
}
