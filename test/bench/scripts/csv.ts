import { createReadStream, createWriteStream } from 'node:fs'
import { parse } from 'csv-parse'

/** CSV to NDJSON as one writes it with csv-parse: `node script.js INPUT OUTPUT NAME=TYPE...`. Events, as in rewriteLines. */
const [input = '', output = '', ...columns] = process.argv.slice(2)
const types = new Map(columns.map((column) => column.split('=') as [string, string]))

const rows = parse({
  columns: true,
  cast: (text, { column, header }) => (header ? text : typed(text, types.get(String(column)))),
})
const written = createWriteStream(output)
written.on('drain', () => rows.resume())
rows.on('data', (row) => {
  if (!written.write(`${JSON.stringify(row)}\n`)) rows.pause()
})
rows.on('end', () => written.end())
createReadStream(input).pipe(rows)

function typed(text: string, type: string | undefined): string | number | boolean | null {
  if (type === undefined) return text
  if (text === '') return null
  return type === 'boolean' ? text === 'true' : Number(text)
}
