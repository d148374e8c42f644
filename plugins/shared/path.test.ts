import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../engine/plugin.ts'
import { parsePath, pathText, withField, withoutField } from './path.ts'

afterAll(() => expect(({} as Record<string, unknown>).polluted).toBeUndefined())

const names = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor', 'toString', 'x.y', '0')
const paths = fc.array(names, { minLength: 1, maxLength: 4 })
const objects = fc.letrec<{ value: Json; object: JsonObject }>((tie) => ({
  value: fc.oneof({ depthSize: 'medium' }, fc.constantFrom<Json>(null, 1, 'x', []), tie('object')),
  object: fc.dictionary(names, tie('value'), { maxKeys: 4, noNullPrototype: true }) as fc.Arbitrary<JsonObject>,
})).object

describe('a path', () => {
  it('is names with dots between them, or in backquotes', () => {
    expect(parsePath('a.b-c.d e')).toEqual(['a', 'b-c', 'd e'])
    expect(parsePath('`http.status`.code')).toEqual(['http.status', 'code'])
  })

  it.each(['', '.', 'a.', '.a', 'a..b', 'a`b', '`a', '``', 'a.`b`c'])('is not %j', (text) => {
    expect(parsePath(text)).toBeUndefined()
  })

  it('is read back as it is written', () => {
    fc.assert(
      fc.property(paths, (path) => {
        expect(parsePath(pathText(path))).toEqual(path)
      }),
    )
  })
})

describe('changing a field', () => {
  it('gives what a plain reference gives, and leaves its input alone', () => {
    fc.assert(
      fc.property(objects, paths, fc.jsonValue() as fc.Arbitrary<Json>, (object, path, value) => {
        const before = JSON.stringify(object)
        expect(JSON.stringify(withField(object, path, value))).toBe(JSON.stringify(referenceSet(object, path, value)))
        expect(JSON.stringify(withoutField(object, path))).toBe(JSON.stringify(referenceUnset(object, path)))
        expect(JSON.stringify(object)).toBe(before)
      }),
    )
  })

  it('shares all that is not on the path', () => {
    const object = { a: { b: 1, deep: { x: 1 } }, other: { y: 2 } }
    const changed = withField(object, ['a', 'b'], 2) as typeof object
    expect(changed.other).toBe(object.other)
    expect(changed.a.deep).toBe(object.a.deep)
  })

  it('keeps the place of a field that is set, and the very object when nothing is removed', () => {
    const object = { a: 1, b: 2, c: { d: 1 } }
    expect(Object.keys(withField(object, ['a'], 9) as object)).toEqual(['a', 'b', 'c'])
    expect(withoutField(object, ['c', 'x'])).toBe(object)
    expect(withoutField(object, ['a', 'x'])).toBe(object)
  })

  it('makes __proto__ a field like any other', () => {
    const changed = withField({}, ['__proto__', 'polluted'], 1) as JsonObject
    expect(Object.getPrototypeOf(changed)).toBe(Object.prototype)
    expect(JSON.stringify(changed)).toBe('{"__proto__":{"polluted":1}}')
    expect(JSON.stringify(withoutField(changed, ['__proto__']))).toBe('{}')
  })
})

/** The same on lists of entries, which know no prototypes. */
type Entries = [string, Tree][]
type Tree = { entries: Entries } | { leaf: Json }

function referenceSet(object: JsonObject, path: readonly string[], value: Json): Json | undefined {
  const tree = treeOf(object)
  let at = tree
  for (const name of path.slice(0, -1)) {
    if (!('entries' in at)) return undefined
    const next = at.entries.find(([key]) => key === name)?.[1] ?? { entries: [] }
    if (!at.entries.some(([key]) => key === name)) at.entries.push([name, next])
    at = next
  }
  if (!('entries' in at)) return undefined
  const name = path.at(-1) as string
  const entry = at.entries.find(([key]) => key === name)
  if (entry === undefined) at.entries.push([name, { leaf: value }])
  else entry[1] = { leaf: value }
  return jsonOf(tree)
}

function referenceUnset(object: JsonObject, path: readonly string[]): Json {
  const tree = treeOf(object)
  let at: Tree | undefined = tree
  for (const name of path.slice(0, -1))
    at = at && 'entries' in at ? at.entries.find(([key]) => key === name)?.[1] : undefined
  if (at && 'entries' in at) at.entries = at.entries.filter(([key]) => key !== path.at(-1))
  return jsonOf(tree)
}

function treeOf(value: Json): Tree {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { leaf: value }
  return { entries: Object.entries(value).map(([name, part]) => [name, treeOf(part as Json)]) }
}

function jsonOf(tree: Tree): Json {
  if ('leaf' in tree) return tree.leaf
  return JSON.parse(
    `{${tree.entries.map(([name, part]) => `${JSON.stringify(name)}:${JSON.stringify(jsonOf(part))}`)}}`,
  )
}
