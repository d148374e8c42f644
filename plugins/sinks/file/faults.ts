import { errorCode, messageOf, RecordError, RetryableError, retryable, StreamrunError } from '../../../engine/plugin.ts'

/** An error of the disk in the words of the contract of sinks: what may pass, what is a record's own, what stops. */
export function asSinkFault(error: unknown, path: string): Error {
  if (isTold(error)) return error
  const code = errorCode(error) ?? ''
  if (code === 'ENOSPC' || code === 'EDQUOT') return retryable(MAY_PASS[code], error)
  if (isIn(MAY_PASS, code)) return retryable(`cannot write ${path}: ${MAY_PASS[code]}`, error)
  if (!isIn(NO_PLACE, code))
    return new StreamrunError('SR_IO', `cannot write ${path}: ${messageOf(error)}`, { cause: error })
  const message = `the path made from this record cannot be written: ${NO_PLACE[code]}`
  return new RecordError('SR_PATH_UNSAFE', message, { cause: error })
}

/** Of a fault as `asSinkFault` tells it: waiting alone does not help when the files are our own. */
export function isTooManyOpen(fault: unknown): boolean {
  const code = fault instanceof RetryableError ? errorCode(fault.cause) : undefined
  return code === 'EMFILE' || code === 'ENFILE'
}

/** What cannot be opened before anything was written: nothing will change by waiting. */
export function cannotCreate(error: unknown, path: string): StreamrunError {
  if (error instanceof StreamrunError) return error
  const code = errorCode(error) ?? ''
  const reason = isIn(MAY_PASS, code) ? MAY_PASS[code] : isIn(NO_PLACE, code) ? NO_PLACE[code] : messageOf(error)
  return new StreamrunError('SR_OUTPUT_CREATE', `cannot write ${path}: ${reason}`, { cause: error })
}

/** SI-06, F-4. */
export function changedUnderUs(path: string, what: string): StreamrunError {
  return new StreamrunError('SR_SINK_CHANGED', `${path} ${what}: somebody else changed what this sink wrote`)
}

/** After a failed sync nothing is known about the file. */
export function notDurable(path: string, cause: unknown): StreamrunError {
  return new StreamrunError('SR_IO', `cannot make ${path} durable: ${messageOf(cause)}`, { cause })
}

/** One of the kind that the tables below know. */
export function systemError(code: string, message = code): Error {
  return Object.assign(new Error(message), { code })
}

const MAY_PASS = {
  ENOSPC: 'disk full',
  EDQUOT: 'disk full',
  EMFILE: 'too many open files in this process',
  ENFILE: 'too many open files on this machine',
  EAGAIN: 'the file is busy',
  EBUSY: 'the file is busy',
  ETIMEDOUT: 'the disk does not answer',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOENT: 'its folder is missing',
  ENOTDIR: 'a file stands where a folder is needed',
} as const

const NO_PLACE = {
  EISDIR: 'it is a folder',
  ENODEV: 'it is not a regular file',
  EEXIST: 'it is a link to nothing, or something else stands in its way',
  ELOOP: 'it leads in a circle of links',
  ENAMETOOLONG: 'it is too long',
} as const

function isIn<T extends object>(table: T, code: string): code is Extract<keyof T, string> {
  return Object.hasOwn(table, code)
}

function isTold(error: unknown): error is Error {
  return error instanceof StreamrunError || error instanceof RetryableError || error instanceof RecordError
}
