import { closeSync, openSync, readSync, writeSync } from 'node:fs'

/**
 * `node set-tuned.js INPUT OUTPUT`: what somebody writes who wants it fast: whole chunks are read and written, each line
 * is parsed out of the text of its chunk, and the new field goes into the line in front of its last brace.
 */
const [input, output] = process.argv.slice(2)
if (input === undefined || output === undefined) throw new Error('usage: node set-tuned.js INPUT OUTPUT')
const from = openSync(input, 'r')
const to = openSync(output, 'w')
const buffer = Buffer.alloc(1024 * 1024)

let kept = 0
for (let read = readSync(from, buffer, kept, buffer.length - kept, null); read > 0; ) {
  const filled = kept + read
  const end = buffer.lastIndexOf(0x0a, filled - 1) + 1
  writeSync(to, rewritten(buffer.toString('utf8', 0, end)))
  kept = filled - end
  buffer.copy(buffer, 0, end, filled)
  read = readSync(from, buffer, kept, buffer.length - kept, null)
}
if (kept > 0) writeSync(to, rewritten(buffer.toString('utf8', 0, kept)))
closeSync(to)
closeSync(from)

function rewritten(text: string): string {
  let out = ''
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start)
    const end = found === -1 ? text.length : found
    const line = text.slice(start, end)
    const { event_type, price } = JSON.parse(line)
    if (event_type === 'purchase') {
      const bucket = price < 20 ? 'low' : price < 100 ? 'medium' : 'high'
      out += `${line.slice(0, -1)},"bucket":"${bucket}"}\n`
    }
    start = end + 1
  }
  return out
}
