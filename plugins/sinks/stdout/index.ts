import {
  type Batch,
  defineSink,
  errorCode,
  messageOf,
  type SinkContext,
  StreamrunError,
} from '../../../engine/plugin.ts'
import { options } from './options.ts'
import { prettyLine } from './pretty.ts'

export default defineSink({
  type: 'stdout',
  summary: 'Prints each record as one line on standard output.',
  options,
  codec: true,
  delivery: 'at-least-once',
  open({ format }, { stdout, encode, startBytes }) {
    let start = new Uint8Array()
    const print =
      format === 'pretty'
        ? (batch: Batch) => [prettyText(batch, stdout.colours)]
        : (batch: Batch) => encode(batch, start)
    return {
      async write(batch) {
        const chunks = print(batch)
        if (chunks.length === 0) return
        await writeTo(stdout, chunks)
        if (start.length === 0) start = Buffer.concat(chunks).subarray(0, startBytes)
      },
    }
  },
})

function prettyText(batch: Batch, colours: boolean): Uint8Array {
  return Buffer.from(batch.records.map(({ value }) => `${prettyLine(value, colours)}\n`).join(''))
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
