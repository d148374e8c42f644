import type { ByteOutput } from '../plugin.ts'
import { usesColours } from './common.ts'

/** Standard output for sinks: waits for a slow reader, and tells when it is gone (SI-03). */
export function standardOutput(stream: NodeJS.WriteStream = process.stdout): ByteOutput {
  // Each write reports its own error; without a listener the stream would also raise it as uncaught.
  stream.on('error', () => {})
  return {
    colours: usesColours(stream),
    // Asked anew each time: a window changes its size.
    get rows() {
      return stream.isTTY ? stream.rows : undefined
    },
    write: (chunks) =>
      new Promise((resolve, reject) => {
        stream.write(Buffer.concat(chunks), (error) => (error ? reject(error) : resolve()))
      }),
  }
}
