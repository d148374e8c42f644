import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RecordError } from '../errors.ts'
import { type Json, makeRecord } from '../record.ts'
import { compileTemplate, parseTemplate, TemplateSyntaxError } from './template.ts'

const origin = { component: 'c', partition: 'p', position: 0 }
const recordOf = (value: Json, timestamp = 0) => makeRecord({ value, timestamp, origin })
const render = (text: string, value: Json = {}, timestamp = 0) =>
  compileTemplate(text).render(recordOf(value, timestamp))

describe('a template', () => {
  it('renders plain paths at once', () => {
    expect(render('out/{bucket}/{user.id}.ndjson', { bucket: 'low', user: { id: 7 } })).toBe('out/low/7.ndjson')
  })

  it('waits only for parts that need the interpreter', async () => {
    const text = render('{a}-{$uppercase(b)}-{c}-{[$x := 2, 1][0]}', { a: true, b: 'x', c: 'y' })
    expect(text).toBeInstanceOf(Promise)
    expect(await text).toBe('true-X-y-2')
  })

  it('writes what placeholders yield as it is told to, and its own text as it stands', async () => {
    const template = compileTemplate('a-{a}-%Y-{$lowercase(b)}', { written: (text) => text.toUpperCase() })
    expect(await template.render(recordOf({ a: 'x', b: 'y' }))).toBe('a-X-1970-Y')
  })

  it('takes the event time apart in UTC', () => {
    const time = Date.UTC(2026, 2, 4, 5, 6, 7, 89)
    expect(render('%Y-%m-%d %H:%M:%S.%L %y %j 100%%', {}, time)).toBe('2026-03-04 05:06:07.089 26 063 100%')
  })

  it('ends an expression at its own brace', async () => {
    const value = { a: 'x', b: { c: 'y' } }
    expect(await render('{ {"k": a}.k }', value)).toBe('x')
    expect(await render(`{a & "}" & '{'}!`, value)).toBe('x}{!')
    expect(await render('{a /* } */ & b.c}', value)).toBe('xy')
    expect(await render('{$replace("a}b", /\\}{1}/, "-")}{a}', value)).toBe('a-bx')
    expect(await render('{`a`}{{a}}', value)).toBe('x{a}')
  })

  it('says what stands before the first placeholder, and whether anything changes', () => {
    expect(compileTemplate('out/{{x}}/{a}/b')).toMatchObject({ prefix: 'out/{x}/', constant: false })
    expect(compileTemplate('out/%Y')).toMatchObject({ prefix: 'out/', constant: false })
    expect(compileTemplate('{a}')).toMatchObject({ prefix: '', constant: false })
    expect(compileTemplate('out/100%%')).toMatchObject({ prefix: 'out/100%', constant: true })
    expect(compileTemplate('')).toMatchObject({ prefix: '', constant: true })
  })

  it('gives back any text that was escaped', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.oneof(fc.constantFrom('{', '}', '%', '"', '\\', 'Y'), fc.string()) }),
        (text) => {
          const template = compileTemplate(text.replace(/[{}%]/g, '$&$&'))
          expect(template.render(recordOf({}))).toBe(text)
          expect(template.constant).toBe(true)
        },
      ),
    )
  })

  it('never renders nothing, null, lists or objects', async () => {
    const codes = await Promise.all(
      ['{missing}', '{n}', '{l}', '{o}', '{$uppercase(missing)}', '{n + 1}'].map((text) =>
        Promise.resolve()
          .then(() => render(text, { n: null, l: [1, 2], o: { a: 1 } }))
          .catch((error) => (error instanceof RecordError ? error.code : error)),
      ),
    )
    expect(codes).toEqual([
      'SR_EXPRESSION_EMPTY',
      'SR_RECORD_SHAPE',
      'SR_RECORD_SHAPE',
      'SR_RECORD_SHAPE',
      'SR_EXPRESSION_EMPTY',
      'SR_EXPRESSION_FAILED',
    ])
  })
})

describe('a wrong template', () => {
  const faults: [string, number, string][] = [
    ['a/{b', 2, 'never closed'],
    ['a}b', 1, 'closes nothing'],
    ['a/{b > }', 7, 'S0207'],
    ['out/{price > > 3}', 13, 'S0211'],
    ['out/%Q', 4, 'there is no %Q'],
    ['50%', 2, 'there is no %'],
    ['{$eval(a)}', 1, '$eval is not available'],
    ['{}', 1, 'S0207'],
  ]
  it.each(faults)('is refused at its column: %s', (text, position, message) => {
    const parse = () => parseTemplate(text)
    expect(parse).toThrow(TemplateSyntaxError)
    expect(parse).toThrow(expect.objectContaining({ position, message: expect.stringContaining(message) }))
  })
})
