import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Frames } from '../frames.ts'
import type { Json } from '../record.ts'
import { framesOf } from './frames.fixture.ts'
import { createCodec } from './index.ts'

const FROM = { component: 'log', partition: 'file', timestamp: 0 }
const json = createCodec('json')

test.each([
  ['json', 0],
  ['lines', 1],
])('frames that have passed the codec %s before: %i of one broken record is found', (checkedBy, broken) => {
  const { good, failed } = json.check({ ...framesOf('1\n{\n'), checkedBy }, FROM)
  expect([good.count, failed.length]).toEqual([2 - broken, broken])
})

describe('what a JSON value is', () => {
  test('any text is judged as JSON.parse judges it', () => {
    const pieces = ['{', '}', '[', ']', ',', ':', '"', '\\', '\\u00e9', '"a"', '0', '-1', '.5', 'e', 'E+', 'true', ' ']
    const soup = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'grapheme' })), { maxLength: 12 })
    const property = fc.property(
      soup.map((parts) => parts.join('')),
      agreesWithParse,
    )
    fc.assert(property, { numRuns: 3000 })
  })

  test('a value is a value, however it is spaced', () => {
    const property = fc.property(anyJson(), fc.constantFrom(0, 1, '\t'), (value, indent) => {
      const text = `\t ${JSON.stringify(value, null, indent)}\r `
      expect(verdictOf(text)).toBe('value')
      expect(json.decode(Buffer.from(text), 0, Buffer.byteLength(text))).toEqual(JSON.parse(text))
    })
    fc.assert(property, { numRuns: 1000 })
  })

  test('a value with one byte changed, left out or added is judged as JSON.parse judges it', () => {
    const byte = fc.oneof(fc.integer({ min: 0, max: 127 }), fc.constantFrom(...Buffer.from('{}[],:"\\0-.e \n')))
    const property = fc.property(anyJson(), fc.nat(), fc.nat(2), byte, (value, place, removed, added) => {
      const bytes = Buffer.from(JSON.stringify(value))
      const at = place % (bytes.length + 1)
      const inserted = removed === 2 ? [] : [added]
      const changed = Buffer.concat([bytes.subarray(0, at), Buffer.from(inserted), bytes.subarray(at + removed)])
      agreesWithParse(changed)
    })
    fc.assert(property, { numRuns: 5000 })
  })

  test('random bytes are never a value that is not also UTF-8', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 8 }), fc.boolean(), (bytes, quoted) => {
      const quote = Buffer.from(quoted ? '"' : '')
      agreesWithParse(Buffer.concat([quote, bytes, quote]))
    })
    fc.assert(property, { numRuns: 3000 })
  })

  test.each([
    '0',
    '-0',
    '-',
    '01',
    '1.',
    '.1',
    '1e',
    '1e+',
    '1E-05',
    '1e400',
    '12345678901234567890',
    'NaN',
    'nul',
    'nulll',
    'true',
    'tru',
    '"\\u12G4"',
    '"\\ud800"',
    '"\\x"',
    '"a',
    '"\\',
    '"\u007f"',
    '"\t"',
    '{"a":1,}',
    '{,}',
    '{"a"}',
    '{"a":}',
    '{a:1}',
    "{'a':1}",
    '[1,]',
    '[,]',
    '[1 2]',
    '[}',
    '{]',
    '1 2',
    '\ufeff1',
    '\u00a01',
    '{"a":1,"a":2}',
    '// 1',
  ])('%j is judged as JSON.parse judges it', (text) => agreesWithParse(text))

  test('1,000 levels are a value and 1,001 are not, whatever comes after', () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
    expect(verdictOf(nested(1000))).toBe('value')
    expect(verdictOf(nested(1001))).toBe('nested deeper than 1,000 at byte 1001')
    expect(verdictOf('{"a":'.repeat(100_000))).toBe('nested deeper than 1,000 at byte 5001')
    expect(verdictOf(`[${nested(999)},${nested(999)}]`)).toBe('value')
  })
})

describe('what is said about a broken record', () => {
  test.each([
    ['{"a":1}}', 'unexpected "}" at byte 8'],
    ['{"a":', 'unexpected end at byte 6'],
    ['{"secret":password}', 'unexpected letter at byte 11'],
    ['{"a":1 2}', 'unexpected digit at byte 8'],
    ['"a\tb"', 'unexpected control character 0x09 at byte 3'],
    ['[1\u00a0]', 'unexpected character beyond ASCII at byte 3'],
    ['{"a":1 "b":2}', 'unexpected quote at byte 8'],
    ['"\\ "', 'unexpected space at byte 3'],
  ])('%j: %s', (text, message) => expect(verdictOf(text)).toBe(message))
})

describe('check', () => {
  test('hands on the same arrays when every frame is good', () => {
    const frames = framesOf('1\n{"a":"é"}\n[]\r\n')
    const { good, failed } = json.check(frames, FROM)
    expect(failed).toEqual([])
    expect(good.starts).toBe(frames.starts)
    expect(good.ends).toBe(frames.ends)
    expect(good.lines).toBe(frames.lines)
    expect(good).toMatchObject({ count: 3, codec: json, ...FROM })
  })

  test('names broken frames with their bytes and place, keeps the good ones, and takes no notice of blank ones', () => {
    const { good, failed } = json.check(framesOf('1\n{\n\n \t\r\n2\nx\n3', { offset: 100, line: 10 }), FROM)
    expect(texts(good)).toEqual(['1', '2', '3'])
    expect([...good.lines.subarray(0, good.count)]).toEqual([0, 4, 6])
    expect(failed.map(({ raw, origin }) => [Buffer.from(raw ?? []).toString(), origin])).toEqual([
      ['{', { component: 'log', partition: 'file', position: { offset: 102, line: 11 } }],
      ['x', { component: 'log', partition: 'file', position: { offset: 111, line: 15 } }],
    ])
    expect(failed.map(({ error }) => error.code)).toEqual(['SR_JSON_INVALID', 'SR_JSON_INVALID'])
  })

  test('only what is not UTF-8 fails for it, and its neighbours stay', () => {
    const bytes = Buffer.concat([Buffer.from('"é"\n"'), Buffer.from([0xc3, 0x28]), Buffer.from('"\n"ü"\n')])
    const { good, failed } = json.check(framesOf(bytes), FROM)
    expect(texts(good)).toEqual(['"é"', '"ü"'])
    expect(failed.map(({ error }) => error.code)).toEqual(['SR_TEXT_ENCODING'])
  })

  test('leaves the arrays of the source as they are', () => {
    const frames = framesOf('x\n1\n2\n')
    const before = [...frames.starts, ...frames.ends, ...frames.lines]
    json.check(frames, FROM)
    expect([...frames.starts, ...frames.ends, ...frames.lines]).toEqual(before)
  })

  test('an empty chunk has neither records nor faults', () => {
    expect(json.check(framesOf(''), FROM)).toMatchObject({ good: { count: 0 }, failed: [] })
  })
})

test('names that objects inherit are fields like any other, and pollute nothing (CF-10)', () => {
  const text = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'
  const value = json.decode(Buffer.from(text), 0, text.length)
  expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor'])
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  expect(json.encode(value)).toBe(text)
})

test('encode refuses what JSON has no form for', () => {
  const circle: { self?: unknown } = {}
  circle.self = circle
  for (const value of [undefined, () => 1, Symbol('s'), 10n, circle]) {
    expect(() => json.encode(value as Json)).toThrow(expect.objectContaining({ code: 'SR_ENCODE_FAILED' }))
  }
})

/** 'value', 'blank', or what is wrong. */
function verdictOf(text: string | Uint8Array): string {
  const { good, failed } = json.check(wholeFrame(Buffer.from(text)), FROM)
  return failed[0]?.error.message ?? (good.count === 1 ? 'value' : 'blank')
}

function agreesWithParse(text: string | Uint8Array): void {
  const bytes = Buffer.from(text)
  expect(verdictOf(bytes) === 'value').toBe(isParsed(bytes))
  expect(verdictOf(bytes) === 'blank').toBe(/^[ \t\r\n]*$/.test(bytes.toString('latin1')))
}

function isParsed(bytes: Uint8Array): boolean {
  try {
    // JSON.parse would take the byte order mark that TextDecoder removes; streamrun's sources remove it, not the codec.
    JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
    return true
  } catch {
    return false
  }
}

/** One frame somewhere inside a larger buffer, as it is in a chunk of a file. */
function wholeFrame(bytes: Buffer): Frames {
  const data = Buffer.concat([Buffer.from('"{'), bytes, Buffer.from('}"\n')])
  const column = (at: number) => Uint32Array.of(at)
  const base = { offset: 0, line: 1 }
  return { data, starts: column(2), ends: column(2 + bytes.length), lines: column(0), count: 1, base }
}

function texts({ data, starts, ends, count }: Frames): string[] {
  return Array.from({ length: count }, (_, index) => data.toString('utf8', starts[index], ends[index]))
}

function anyJson(): fc.Arbitrary<unknown> {
  return fc.jsonValue({ stringUnit: 'binary', maxDepth: 4 })
}
