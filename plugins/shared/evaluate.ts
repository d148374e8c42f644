import { type Expression, type Json, type Output, RecordError, type StreamRecord } from '../../engine/plugin.ts'

/**
 * Hands the result of an expression on one record to `use`, at once if it is there at once. A record that the
 * expression, or `use`, refuses is failed; anything else that is thrown is a defect and goes on up.
 */
export function evaluateInto(
  expression: Pick<Expression, 'evaluate'>,
  record: StreamRecord,
  out: Output,
  use: (result: Json | undefined) => void,
): void | Promise<void> {
  try {
    const result = expression.evaluate(record)
    if (result instanceof Promise) return result.then(use).catch((error) => refuse(error, record, out))
    use(result)
  } catch (error) {
    refuse(error, record, out)
  }
  return undefined
}

function refuse(error: unknown, record: StreamRecord, out: Output): void {
  if (!(error instanceof RecordError)) throw error
  out.fail(record, error)
}
