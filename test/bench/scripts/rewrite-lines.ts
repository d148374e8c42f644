import { createReadStream, createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'

/**
 * What a straightforward Node script does with `node script.js INPUT OUTPUT`: readline for the input, one `write` per
 * line, a pause while the output is full. Events rather than `for await`, which is slower.
 */
export function rewriteLines(rewrite: (line: string) => string | undefined): void {
  const [input, output] = process.argv.slice(2)
  if (input === undefined || output === undefined) throw new Error('usage: node script.js INPUT OUTPUT')
  const lines = createInterface({ input: createReadStream(input), crlfDelay: Number.POSITIVE_INFINITY })
  const written = createWriteStream(output)
  written.on('drain', () => lines.resume())
  lines.on('line', (line) => {
    const rewritten = rewrite(line)
    if (rewritten !== undefined && !written.write(`${rewritten}\n`)) lines.pause()
  })
  lines.on('close', () => written.end())
}
