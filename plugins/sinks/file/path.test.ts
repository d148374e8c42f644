import { resolve, sep } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileTemplate } from '../../../engine/expression/template.ts'
import { type Json, makeRecord, RecordError } from '../../../engine/plugin.ts'
import { compilePath, staticFault } from './path.ts'

describe('a templated path', () => {
  test.each([
    ['data/{a}.ndjson', { a: 'x' }, 'data/x.ndjson'],
    ['data//./{a}/./b//c', { a: 'x' }, 'data//./x/b/c'],
    ['/out/{a}', { a: 'x' }, '/out/x'],
    ['{a}', { a: 'x' }, 'x'],
    ['../out/{a}', { a: '..x' }, '../out/..x'],
    ['out/{$replace(b, /\\/{1}/, "-")}/c', { b: 'x/y' }, 'out/x-y/c'],
    ['out/{a / 2}/{"}/"}', { a: 4 }, undefined],
    ['out/{a / 2}/{{b}}', { a: 4 }, 'out/2/{b}'],
  ])('%s of %j is %s', async (template, value, expected) => {
    expect(await rendered(template, value)).toBe(expected)
  })

  test.each([
    ['slash', 'a/b'],
    ['dots', '..'],
    ['a dot', '.'],
    ['more dots', '....'],
    ['nothing', ''],
    ['NUL', 'a\0'],
    ['half a character', '\ud800'],
    ['256 bytes', 'ü'.repeat(128)],
    ['an absolute path', '/etc/passwd'],
  ])('is refused when a segment is or holds %s', (_, a) => {
    expect(() => compile('out/{a}/x').render(recordOf({ a }))).toThrow(
      expect.objectContaining({ code: 'SR_PATH_UNSAFE' }),
    )
  })

  test('stays in its folder and has as many segments as the template, whatever the data (CF-09)', () => {
    const destination = compile('base/{a}/x{b}.log')
    const piece = fc.oneof(fc.constantFrom('..', '/', '.', '\0', '\\', '%2e', '~', '\n'), fc.string({ unit: 'binary' }))
    const name = fc.array(piece, { maxLength: 4 }).map((parts) => parts.join(''))
    const property = fc.property(name, name, (a, b) => {
      const path = renderedAtOnce(destination, { a, b })
      if (path === undefined) return
      expect(resolve(path).startsWith(resolve('base') + sep)).toBe(true)
      expect(path.split('/').length).toBe(3)
      expect(resolve(path)).toBe(resolve('.', path))
    })
    fc.assert(property, { numRuns: 2000 })
  })

  test('is longer than the operating system takes: refused', () => {
    const template = `out/${Array.from({ length: 20 }, (_, n) => `{a}${n}`).join('/')}`
    expect(renderedAtOnce(compile(template), { a: 'x'.repeat(200) })).toBeUndefined()
  })
})

test('the parts that no record changes are judged before the start', () => {
  expect(staticFault('data/orders.ndjson')).toBeUndefined()
  expect(staticFault('../{a}/%Y')).toBeUndefined()
  expect(staticFault('')).toBe('a path is needed')
  expect(staticFault('data/')).toBe('this is a folder: a file name is missing')
  expect(staticFault('a\0b/{c}')).toBe('a part of the path holds a NUL character')
  expect(staticFault(`${'x'.repeat(256)}/{c}`)).toBe('a part of the path is longer than 255 bytes')
})

test('a path without placeholders is the same for every record', () => {
  expect(compilePath('data/%%{{x}}', compileTemplate)).toEqual({ kind: 'constant', path: 'data/%{x}' })
})

function compile(template: string) {
  const destination = compilePath(template, compileTemplate)
  if (destination.kind === 'constant') throw new Error(`${template} has no placeholder`)
  return destination
}

/** Undefined when the record is refused. */
async function rendered(template: string, value: Json): Promise<string | undefined> {
  try {
    return await compile(template).render(recordOf(value))
  } catch (error) {
    if (error instanceof RecordError) return undefined
    throw error
  }
}

/** For placeholders that are only names, which need no promise. */
function renderedAtOnce(destination: ReturnType<typeof compile>, value: Json): string | undefined {
  try {
    return destination.render(recordOf(value)) as string
  } catch (error) {
    if (error instanceof RecordError) return undefined
    throw error
  }
}

function recordOf(value: Json) {
  return makeRecord({ value, timestamp: 0, origin: { component: 'source', partition: 'list', position: null } })
}
