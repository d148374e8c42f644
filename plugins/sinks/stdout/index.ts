import {
  type Check,
  defineSink,
  errorCode,
  messageOf,
  type OptionValues,
  PartialWriteError,
  type SinkContext,
  StreamrunError,
} from '../../../engine/plugin.ts'
import { options } from './options.ts'
import { printerFor } from './print.ts'

export default defineSink({
  type: 'stdout',
  summary: 'Prints each record on standard output, for programs or for people.',
  options,
  overRecords: ['columns', 'template'],
  codec: true,
  delivery: 'at-least-once',
  check: (given) => ({ faults: formatFaults(given) }),
  open(given, context) {
    const print = printerFor(given, context)
    return {
      async write(batch) {
        const { chunks, failed } = await print(batch)
        if (chunks.length > 0) await writeTo(context.stdout, chunks)
        if (failed.size > 0) throw new PartialWriteError(failed)
      },
    }
  },
})

/** An option of another format than the chosen one would have no effect. */
function formatFaults({ format, columns, template }: OptionValues<typeof options>): NonNullable<Check['faults']> {
  return [
    ...(format === 'template' && template === undefined
      ? [{ path: ['format'], code: 'SR_MISSING_OPTION', message: 'needs the option "template" too' } as const]
      : []),
    ...(format !== 'template' && template !== undefined ? [useless('template', 'template')] : []),
    ...(format !== 'table' && columns !== undefined ? [useless('columns', 'table')] : []),
  ]
}

function useless(option: string, format: string) {
  const message = `has an effect only with \`format: ${format}\``
  return { path: [option], code: 'SR_OPTION_REFUSED', message } as const
}

/** SI-03: a reader that is gone ends the pipeline before its positions move on. */
async function writeTo(stdout: SinkContext['stdout'], chunks: readonly Uint8Array[]): Promise<void> {
  try {
    await stdout.write(chunks)
  } catch (cause) {
    if (READER_GONE.has(errorCode(cause) ?? '')) {
      throw new StreamrunError('SR_OUTPUT_CLOSED', 'the reader of standard output closed it', { cause })
    }
    throw new StreamrunError('SR_IO', `cannot write to standard output: ${messageOf(cause)}`, { cause })
  }
}

/** After the first EPIPE, Node's stream is destroyed and says so. */
const READER_GONE: ReadonlySet<string> = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED'])
