import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readOptions } from '../../../engine/options.ts'
import { createCodec, framesBatch, type Json, makeRecord, recordsBatch } from '../../../engine/plugin.ts'
import { framesOf, memoryOutput, sinkContext } from '../../../test/contract/index.ts'
import stdout from './index.ts'
import { prettyLine } from './pretty.ts'

describe('format json', () => {
  test('prints the bytes of a record that nobody changed', async () => {
    const output = memoryOutput({ colours: true })
    const sink = await open({}, output)
    const codec = createCodec('json')
    const frames = framesOf(['{ "price": 1.10 }', '9007199254740993'])
    await sink.write(framesBatch({ ...frames, codec, component: 'source', partition: 'list', timestamp: 0 }))
    expect(output.text).toBe('{ "price": 1.10 }\n9007199254740993\n')
  })

  test('prints nothing for nothing', async () => {
    const output = memoryOutput()
    output.closeReader()
    const sink = await open({}, output)
    await expect(sink.write(recordsBatch([]))).resolves.toBeUndefined()
  })
})

test('as CSV it prints one header, in front of the first record', async () => {
  const output = memoryOutput()
  const sink = await open({}, output, 'csv')
  for (const a of [1, 2]) await sink.write(batchOf({ a, b: 'x,y' }))
  expect(output.text).toBe('a,b\n1,"x,y"\n2,"x,y"\n')
})

test('a reader that is gone stops the pipeline with an error of its own', async () => {
  for (const format of ['json', 'pretty']) {
    const output = memoryOutput()
    const sink = await open({ format }, output)
    output.closeReader()
    await expect(sink.write(batchOf(1))).rejects.toMatchObject({ code: 'SR_OUTPUT_CLOSED', exitCode: 74 })
  }
})

test('an output that fails otherwise is an I/O error', async () => {
  const broken = { colours: false, write: () => Promise.reject(Object.assign(new Error('no disk'), { code: 'EIO' })) }
  const sink = await open({}, broken)
  await expect(sink.write(batchOf(1))).rejects.toMatchObject({ code: 'SR_IO' })
})

describe('format pretty', () => {
  test('prints fields of records as name=value', async () => {
    const output = memoryOutput()
    const sink = await open({ format: 'pretty' }, output)
    await sink.write(batchOf({ event: 'purchase', price: 12.5, note: 'two words', tags: ['a'], gone: null }, 'x', [1]))
    expect(output.text).toBe('event=purchase price=12.5 note="two words" tags=["a"] gone=null\nx\n[1]\n')
  })

  test('quotes a text that would read as something else', () => {
    expect(prettyLine({ a: 'true', b: '1', c: '', d: 'a=b', '': 'x' }, false)).toBe('a="true" b="1" c="" d="a=b" ""=x')
  })

  test('colours names and values where the terminal has colours', () => {
    expect(prettyLine({ a: 'b', n: 1 }, true)).toBe(
      '\u001b[36ma\u001b[0m=\u001b[32mb\u001b[0m \u001b[36mn\u001b[0m=\u001b[33m1\u001b[0m',
    )
  })

  test('no record can send a control character to the terminal, or begin a line (CF-13)', () => {
    const nasty = fc.constantFrom('\n', '\r', '\u001b[31m', '\u009b2J', '\u0007', '\u202e', '\u2028', '\u007f', '\0')
    const text = fc.array(fc.oneof(fc.string({ unit: 'binary' }), nasty)).map((parts) => parts.join(''))
    const property = fc.property(
      fc.dictionary(text, fc.oneof(text, fc.array(text), fc.dictionary(text, text))),
      (value) => {
        expect(prettyLine(value, false)).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u)
      },
    )
    fc.assert(property, { numRuns: 1000 })
  })
})

function open(
  options: { readonly [name: string]: Json },
  output: ReturnType<typeof sinkContext>['stdout'],
  codec = 'json',
) {
  return stdout.open(readOptions(stdout.options, options), sinkContext({ stdout: output, codec }))
}

function batchOf(...values: readonly Json[]) {
  const origin = { component: 'source', partition: 'list', position: null }
  return recordsBatch(values.map((value) => makeRecord({ value, timestamp: 0, origin })))
}
