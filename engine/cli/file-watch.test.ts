import { mkdtempSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { diskStorage } from '../storage.ts'
import { FileWatch, noting } from './file-watch.ts'

/** A folder, a watch over what is noted in it, and which of its files have changed. */
function watched() {
  const folder = mkdtempSync(join(tmpdir(), 'streamrun-watch-'))
  const at = (name: string) => join(folder, name)
  const changed = new Set<string>()
  let look = () => {}
  const watch = new FileWatch((path) => {
    changed.add(path)
    look()
  })
  onTestFinished(() => watch.close())
  const until = (path: string) =>
    new Promise<void>((resolve) => {
      look = () => (changed.has(path) ? resolve() : undefined)
      look()
    })
  return { folder, at, changed, watch, until }
}

it('tells what was read, and nothing of what was written beside it before', async () => {
  const { at, changed, watch, until } = watched()
  watch.note(at('orders.test.yaml'))
  writeFileSync(at('results.xml'), '<testsuites/>')
  writeFileSync(at('other.yaml'), 'a: 1')
  writeFileSync(at('orders.test.yaml'), 'cases: []')
  await until(at('orders.test.yaml'))
  expect([...changed]).toEqual([at('orders.test.yaml')])
})

it('tells of a file that an editor puts in the place of the old one, and of one that was not there', async () => {
  const { at, watch, until } = watched()
  watch.note(at('users.csv'))
  writeFileSync(at('users.csv.tmp'), 'id')
  renameSync(at('users.csv.tmp'), at('users.csv'))
  await until(at('users.csv'))
})

it('tells of YAML alone in a folder that was searched', async () => {
  const { folder, at, changed, watch, until } = watched()
  watch.noteFolder(folder)
  writeFileSync(at('results.xml'), '<testsuites/>')
  writeFileSync(at('new.test.yaml'), 'cases: []')
  await until(at('new.test.yaml'))
  expect([...changed]).toEqual([at('new.test.yaml')])
})

it('takes a folder that is not there for one to look for later', () => {
  const { at, watch } = watched()
  watch.note(at('missing/users.csv'))
})

it('hears what a storage reads and looks for, and not what it makes', async () => {
  const { at } = watched()
  const noted: string[] = []
  const storage = noting(diskStorage(), (path) => noted.push(path))
  await (await storage.open(at('made'), 'create')).close()
  await (await storage.open(at('made'), 'read')).close()
  await storage.stat(at('missing'))
  expect(noted).toEqual([at('made'), at('missing')])
})
