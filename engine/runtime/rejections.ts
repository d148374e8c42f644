import { StreamrunError } from '../errors.ts'
import type { ComponentMetrics } from '../observe/metrics.ts'
import type { Failure } from '../plugin.ts'
import { type Json, originalBytes } from '../record.ts'
import type { DeadLetter, DeadLetterFile } from './dead-letters.ts'
import type { Refused } from './delivery.ts'
import { type RetryParts, withRetries } from './retry.ts'

/** What becomes of records that were rejected for themselves (`on_error`, I-4). One per pump. */
export interface Rejections {
  /** Takes the rejected records of the batch under way; throws SR_ON_ERROR_STOP if the pipeline is to stop at one. */
  add(letters: readonly DeadLetter[]): void
  /** Resolves when what was added is written where it belongs. */
  settle(): Promise<void>
  /** The state of its file at a cut, if it has one. */
  flush(): Promise<Json | undefined>
  /** Called once, last; also after a failure. */
  close(): Promise<void>
}

/** `on_error: dead-letter`: kept in a file, cut back with the epoch like any sink. */
export function keepRejected(file: DeadLetterFile, parts: RetryParts): Rejections {
  let letters: DeadLetter[] = []
  return {
    add(more) {
      for (const letter of more) letters.push(letter)
    },
    async settle() {
      if (letters.length === 0) return
      const written = letters
      letters = []
      await withRetries(parts, () => file.write(written))
      parts.metrics.add('out', written.length)
    },
    flush: async () => file.flush?.(),
    close: async () => file.close?.(),
  }
}

/** `on_error: skip`: let go on purpose, and counted. */
export function skipRejected(metrics: ComponentMetrics): Rejections {
  return {
    add: (letters) => metrics.add('skipped', letters.length),
    settle: async () => {},
    flush: async () => undefined,
    close: async () => {},
  }
}

/** `on_error: stop`: a crash with a message; the next start replays from the last epoch. */
export function stopAtRejected(): Rejections {
  return {
    add([first]) {
      if (first !== undefined) throw stoppedBy(first)
    },
    settle: async () => {},
    flush: async () => undefined,
    close: async () => {},
  }
}

/** What a source could not read. */
export function unreadable(failure: Failure): DeadLetter {
  const { error, origin, raw, size } = failure
  return {
    component: origin.component,
    error,
    origin,
    raw,
    size,
    value: undefined,
    key: null,
    headers: [],
    timestamp: undefined,
  }
}

/** What a processor or a sink refused. */
export function refusedBy(component: string, { record, error }: Refused): DeadLetter {
  const { origin, value, key, headers, timestamp } = record
  return { component, error, origin, raw: originalBytes(record), size: undefined, value, key, headers, timestamp }
}

function stoppedBy({ component, error, origin }: DeadLetter): StreamrunError {
  const place = `${origin.partition}, ${describePosition(origin.position)}`
  return new StreamrunError('SR_ON_ERROR_STOP', `${component}: ${error.code} ${error.message} (${place})`, {
    component,
    cause: error,
  })
}

function describePosition(position: Json): string {
  if (typeof position !== 'object' || position === null) return String(position)
  return Object.entries(position)
    .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
    .join(', ')
}
