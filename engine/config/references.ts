import { resolve } from 'node:path'
import { messageOf, StreamrunError } from '../errors.ts'
import { errorCode, type Storage } from '../storage.ts'
import { leavesFolder } from './placeholders.ts'

/** Where the file of an option is looked for. */
export interface ReferenceContext {
  readonly storage: Storage
  readonly definitionFolder: string
}

/**
 * The text of a file that an option refers to, such as a schema: relative to the folder of the definition, which it
 * must not leave (CF-14). Throws `StreamrunError` SR_FILE_REFERENCE.
 */
export async function readReference(path: string, { storage, definitionFolder }: ReferenceContext): Promise<string> {
  if (leavesFolder(path)) {
    throw refusal(
      `the file "${path}" is outside the folder of the definition: move it there, or write its absolute path`,
    )
  }
  try {
    return await readText(resolve(definitionFolder, path), storage)
  } catch (cause) {
    if (cause instanceof StreamrunError) throw cause
    const reason = errorCode(cause) === 'ENOENT' ? 'there is no such file' : messageOf(cause)
    throw refusal(`the file "${path}" cannot be read: ${reason}`, cause)
  }
}

async function readText(path: string, storage: Storage): Promise<string> {
  const file = await storage.open(path, 'read')
  try {
    const { kind, size } = await file.stat()
    if (kind !== 'file') throw refusal(`"${path}" is no file`)
    if (size > MOST_BYTES) throw refusal(`"${path}" is larger than 16 MiB`)
    const bytes = Buffer.alloc(size)
    let length = 0
    for (let read = -1; length < size && read !== 0; length += read) {
      read = await file.read(bytes, length, size - length, length)
    }
    return bytes.toString('utf8', 0, length)
  } finally {
    await file.close()
  }
}

const MOST_BYTES = 16 * 1024 * 1024

function refusal(message: string, cause?: unknown): StreamrunError {
  return new StreamrunError('SR_FILE_REFERENCE', message, { cause })
}
