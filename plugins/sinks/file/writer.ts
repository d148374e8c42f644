import { type Batch, RecordError, type SinkContext, type StreamRecord, StreamrunError } from '../../../engine/plugin.ts'
import { refuseChanged } from './changes.ts'
import { asSinkFault, isTooManyOpen } from './faults.ts'
import type { OutputFiles } from './files.ts'
import type { OutputFile } from './output-file.ts'

/** The part of a batch that goes to one file. */
export interface Part {
  readonly path: string
  readonly batch: Batch
}

export interface WriterParts {
  readonly files: OutputFiles
  readonly encode: SinkContext['encode']
}

/** Writes the parts of a batch, all or nothing; only those whose path is no place for a file are left out. */
export class Writer {
  readonly #parts: WriterParts

  constructor(parts: WriterParts) {
    this.#parts = parts
  }

  /** Adds to `refused`. When it throws, the files are as they were before. */
  async write(parts: readonly Part[], refused: Map<StreamRecord, RecordError>): Promise<void> {
    const { files } = this.#parts
    const { maxOpen } = files
    const before = new Map<string, number>()
    try {
      // No more at a time than may be open at once, so that one sync of the intents does for all of them.
      for (let at = 0; at < parts.length; at += maxOpen) {
        await this.#append(await this.#openAll(parts.slice(at, at + maxOpen), refused), before)
      }
    } catch (error) {
      await this.#cutBack(before)
      if (isTooManyOpen(error)) await files.openFewer()
      throw error
    }
  }

  async #openAll(parts: readonly Part[], refused: Map<StreamRecord, RecordError>): Promise<OpenPart[]> {
    const opened: OpenPart[] = []
    for (const { path, batch } of parts) {
      try {
        opened.push({ file: await this.#parts.files.open(path), batch })
      } catch (error) {
        const fault = asSinkFault(error, path)
        if (!(fault instanceof RecordError)) throw fault
        for (const record of batch.records) refused.set(record, fault)
      }
    }
    return opened
  }

  async #append(parts: readonly OpenPart[], before: Map<string, number>): Promise<void> {
    const { files, encode } = this.#parts
    const written = parts.map(({ file }) => file)
    await files.protect(written)
    await refuseChanged(written)
    for (const { file, batch } of parts) {
      const chunks = encodeInto(file, batch, encode)
      if (chunks.length === 0) continue
      before.set(file.path, file.length)
      await files.append(file, chunks)
    }
  }

  /** F-7. What cannot be cut back now is cut back at the next start. */
  async #cutBack(before: ReadonlyMap<string, number>): Promise<void> {
    for (const [path, length] of before) {
      try {
        await this.#parts.files.cutBack(path, length)
      } catch (cause) {
        throw new StreamrunError('SR_IO', `cannot cut ${path} back after a failed write`, { cause })
      }
    }
  }
}

/** The bytes that the batch is at the end of this file. */
export function encodeInto(file: OutputFile, batch: Batch, encode: SinkContext['encode']): readonly Uint8Array[] {
  try {
    return encode(batch, file.start)
  } catch (error) {
    if (!(error instanceof StreamrunError && error.code === 'SR_OUTPUT_HEADER')) throw error
    throw new StreamrunError(error.code, `${file.path} ${error.message}`, { cause: error })
  }
}

interface OpenPart {
  readonly file: OutputFile
  readonly batch: Batch
}
