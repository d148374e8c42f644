import { createReadStream, createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'

export type Write = (line: string) => void

/**
 * What a straightforward Node script does that gathers something from lines: readline for the input, a map in memory, one
 * `write` per line of output, a pause while the output is full. `end` writes what is left. The arguments behind the two
 * paths.
 */
export function foldLines(
  prepare: (args: readonly string[]) => { line(line: string, write: Write): void; end?(write: Write): void },
): void {
  const [input, output, ...args] = process.argv.slice(2)
  if (input === undefined || output === undefined) throw new Error('usage: node script.js INPUT OUTPUT ...')
  const { line, end } = prepare(args)
  const lines = createInterface({ input: createReadStream(input), crlfDelay: Number.POSITIVE_INFINITY })
  const written = createWriteStream(output)
  const write = (text: string) => {
    if (!written.write(`${text}\n`)) lines.pause()
  }
  written.on('drain', () => lines.resume())
  lines.on('line', (text) => line(text, write))
  lines.on('close', () => {
    end?.(write)
    written.end()
  })
}
