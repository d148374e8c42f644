import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { ERRORS, EXIT_MEANINGS, RECORD_ERRORS, RecordError } from '../engine/errors.ts'

const ROOT = resolve(import.meta.dirname, '..')
const TABLE = 'engine/errors.ts'
const CODES = [...Object.keys(ERRORS), ...Object.keys(RECORD_ERRORS)]

it('each code stands in one of the two tables', () => {
  expect(CODES.filter((code) => code in ERRORS && code in RECORD_ERRORS)).toEqual([])
  for (const code of CODES) expect(code).toMatch(/^SR_[A-Z]+(_[A-Z]+)*$/)
})

it('each code is used somewhere in the code, outside its table', () => {
  const used = new Set(sourceFiles().flatMap((file) => (file === TABLE ? [] : codesIn(withoutComments(file)))))
  expect(CODES.filter((code) => !used.has(code))).toEqual([])
})

it('each code that the code names stands in a table', () => {
  const unknown = sourceFiles().flatMap((file) =>
    codesIn(readFileSync(join(ROOT, file), 'utf8'))
      .filter((code) => !CODES.includes(code))
      .map((code) => `${file}: ${code}`),
  )
  expect(unknown).toEqual([])
})

it('each entry says in whole sentences what it means and what to do', () => {
  for (const { meaning, remedy } of [...Object.values(ERRORS), ...Object.values(RECORD_ERRORS)]) {
    for (const text of [meaning, remedy]) expect(text).toMatch(/^[A-Z`][\s\S]*\.$/)
  }
})

it('each error ends the process with an exit code that has a meaning', () => {
  for (const { exit } of Object.values(ERRORS)) expect(EXIT_MEANINGS).toHaveProperty(String(exit))
})

it.skipIf(readmeErrors() === undefined)('the list in the README holds every code, and no other', () => {
  expect(rowsOf(readmeErrors() ?? '').sort()).toEqual([...CODES].sort())
})

/** What stands between the markers, once there is such a list. */
function readmeErrors(): string | undefined {
  const path = join(ROOT, 'README.md')
  if (!existsSync(path)) return undefined
  return /<!-- generated: errors -->([\s\S]*?)<!-- \/generated -->/.exec(readFileSync(path, 'utf8'))?.[1]
}

function rowsOf(table: string): string[] {
  return [...table.matchAll(/^\|\s*`?(SR_[A-Z_]+)`?\s*\|/gm)].map(([, code]) => code as string)
}

/** The TypeScript of the engine and the plugins, without its tests. */
function sourceFiles(): string[] {
  return ['engine', 'plugins'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(path))
      .map((path) => join(folder, path)),
  )
}

/** A code that only a comment names is not used. */
function withoutComments(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
}

function codesIn(text: string): string[] {
  return text.match(/\bSR_[A-Z]+(?:_[A-Z]+)*\b/g) ?? []
}

it('the error of a record holds no stack, which for a batch of broken lines would be most of the memory (I-6)', () => {
  expect(new RecordError('SR_JSON_INVALID', 'no').stack).not.toMatch(/\n/)
  expect(new Error('with one').stack).toMatch(/\n +at /)
})
