import { closeSync, openSync, readSync, writeSync } from 'node:fs'

/** `node append.js INPUT TARGET`: appends a file to another at full speed, in writes that end anywhere in a line. */
const [input, target] = process.argv.slice(2)
if (input === undefined || target === undefined) throw new Error('usage: node append.js INPUT TARGET')
const from = openSync(input, 'r')
const to = openSync(target, 'a')
const buffer = Buffer.allocUnsafe(64 * 1024)
for (let read = readSync(from, buffer); read > 0; read = readSync(from, buffer)) writeSync(to, buffer, 0, read)
closeSync(from)
closeSync(to)
