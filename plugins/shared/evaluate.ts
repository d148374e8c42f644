import { type Output, RecordError, type StreamRecord } from '../../engine/plugin.ts'

/**
 * Hands what is worked out of one record to `use`, at once if it is there at once. A record that the work, or `use`,
 * refuses is failed; anything else that is thrown is a defect and goes on up. `use` can be one function for all records.
 */
export function evaluateInto<T>(
  work: { evaluate(record: StreamRecord): T | Promise<T> },
  record: StreamRecord,
  out: Pick<Output, 'fail'>,
  use: (result: T, record: StreamRecord) => void,
): void | Promise<void> {
  try {
    const result = work.evaluate(record)
    if (result instanceof Promise) return useLater(result, record, out, use)
    use(result, record)
  } catch (error) {
    refuse(error, record, out)
  }
  return undefined
}

/** Apart, here and in other places: what a closure holds is allocated for each record, whether it is made or not. */
async function useLater<T>(
  pending: Promise<T>,
  record: StreamRecord,
  out: Pick<Output, 'fail'>,
  use: (result: T, record: StreamRecord) => void,
): Promise<void> {
  try {
    use(await pending, record)
  } catch (error) {
    refuse(error, record, out)
  }
}

function refuse(error: unknown, record: StreamRecord, out: Pick<Output, 'fail'>): void {
  if (!(error instanceof RecordError)) throw error
  out.fail(record, error)
}
