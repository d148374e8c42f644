import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { builtinRegistry } from '../registry/index.ts'
import { askForParts, type Chosen } from './ask.ts'

/** Somebody who answers each question with the next line, and then has no more to say. */
async function askSomebody(chosen: Chosen, ...answers: string[]) {
  const input = new PassThrough()
  const output = new PassThrough({ encoding: 'utf8' })
  let shown = ''
  output.on('data', (text: string) => {
    shown += text
    if (!/^\w+: $/m.test(text)) return
    const answer = answers.shift()
    if (answer === undefined) input.end()
    else input.write(`${answer}\n`)
  })
  const parts = await askForParts(chosen, builtinRegistry(), { input, output })
  return { parts, shown }
}

describe('askForParts', () => {
  it('asks for source, processors and sink, and shows what each does', async () => {
    const { parts, shown } = await askSomebody({}, 'file-tail', 'filter, jsonata', 'file')
    expect(parts).toEqual({ source: 'file-tail', processor: ['filter', 'jsonata'], sink: 'file' })
    expect(shown).toContain('  file-tail  Reads the lines of files as they grow')
  })

  it('takes Enter for no processors', async () => {
    expect((await askSomebody({}, 'csv', '', 'stdout')).parts).toEqual({ source: 'csv', processor: [], sink: 'stdout' })
  })

  it('asks again, saying why, until the answer is one that there is', async () => {
    const { parts, shown } = await askSomebody({}, 'file-tial', '', 'file-tail csv', 'csv', '', 'stdout')
    expect(parts).toMatchObject({ source: 'csv', sink: 'stdout' })
    expect(shown).toContain('there is no source "file-tial"; did you mean "file-tail"?')
    expect(shown).toContain('one of csv, faker')
    expect(shown).toContain('only one')
  })

  it('asks only for what must be there when something is chosen', async () => {
    expect((await askSomebody({ source: 'csv' }, 'file')).parts).toEqual({ source: 'csv', processor: [], sink: 'file' })
  })

  it('gives up when the terminal is closed', async () => {
    await expect(askSomebody({}, 'csv')).rejects.toThrow('nothing was written')
  })
})
