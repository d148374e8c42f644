// @ts-check
import { join, resolve } from 'node:path'
import { defineSink, errorCode, option, retryable } from 'streamrun/plugin'
import { SUFFIX, writeFile } from './files.js'

/** Digits of a number in a name: names rise as numbers do. */
const DIGITS = 12

export const spoolSink = defineSink({
  type: 'spool',
  summary: 'Writes each record to a file of its own, with rising names.',
  codec: true,
  // Whoever reads the folder may have taken a file away by the time of a crash: it cannot be taken back.
  delivery: 'at-least-once',
  options: {
    folder: option.text({
      description: 'The folder; it is made when it is not there.',
      minLength: 1,
      examples: ['outbox'],
    }),
  },
  check: ({ folder }) => ({ writes: [resolve(folder)] }),
  async open(options, { encodeEach, storage }) {
    const folder = resolve(options.folder)
    await storage.makeFolder(folder)
    let number = lastNumber(await storage.list(folder))
    /** @param {number} of */
    const pathOf = (of) => join(folder, `${String(of).padStart(DIGITS, '0')}${SUFFIX}`)
    return {
      async write(batch) {
        const values = encodeEach(batch).filter((value) => value !== undefined)
        const paths = values.map((_, index) => pathOf(number + 1 + index))
        try {
          // Nobody sees a file before all of the batch are written: a batch that is tried again comes once.
          for (const [index, path] of paths.entries()) await writeFile(storage, `${path}.tmp`, values[index] ?? NULL)
        } catch (error) {
          throw errorCode(error) === 'ENOSPC' ? retryable('disk full', error) : error
        }
        for (const path of paths) await storage.rename(`${path}.tmp`, path)
        await storage.syncFolder(folder)
        number += paths.length
      },
    }
  },
})

const NULL = Buffer.from('null')

/** @param {readonly { readonly name: string }[]} entries */
function lastNumber(entries) {
  const numbers = entries.map(({ name }) => (name.endsWith(SUFFIX) ? Number.parseInt(name, 10) : 0))
  return Math.max(0, ...numbers.filter(Number.isSafeInteger))
}
