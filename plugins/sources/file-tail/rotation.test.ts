import { describe, expect, it } from 'vitest'
import { isCompressed } from '../../shared/find-files.ts'
import { byAge, missedBetween, rotationOf, type Sibling } from './rotation.ts'

function sibling(name: string, createdMs = 0): Sibling {
  const rotation = rotationOf('app.log', name)
  if (rotation === undefined) throw new Error(`${name} is no rotated name`)
  const stat = { kind: 'file', size: 0, inode: `1:${name}`, createdMs, modifiedMs: 0 } as const
  return { path: name, stat, rotation }
}

describe('names of rotated files', () => {
  it('are the whole name or its stem with a counter or a date', () => {
    const names = ['app.log.1', 'app.log-20260131', 'app.log.2026-01-31T10.2', 'app.1.log', 'app-2026-01-31.log']
    expect(names.map((name) => rotationOf('app.log', name)?.style)).toEqual([
      'suffix',
      'suffix',
      'suffix',
      'infix',
      'infix',
    ])
  })

  it('are not other files that begin alike', () => {
    const names = ['app.log', 'app.log.gz', 'app.log.1.gz', 'app.log.old', 'app2.log', 'application.log.1', 'app.log1']
    expect(names.map((name) => rotationOf('app.log', name))).toEqual(names.map(() => undefined))
    expect(['app.log.1.gz', 'app.log.zst', 'app.log.1'].map(isCompressed)).toEqual([true, true, false])
  })

  it('sort oldest first: counters fall with age, dates rise', () => {
    const sorted = (names: string[]) =>
      names
        .map((name) => sibling(name))
        .sort(byAge)
        .map(({ path }) => path)
    expect(sorted(['app.log.1', 'app.log.10', 'app.log.2'])).toEqual(['app.log.10', 'app.log.2', 'app.log.1'])
    expect(sorted(['app.log-20260201', 'app.log-20260131.2', 'app.log-20260131'])).toEqual([
      'app.log-20260131',
      'app.log-20260131.2',
      'app.log-20260201',
    ])
  })
})

describe('files that came and went between two looks', () => {
  const siblings = [sibling('app.log.3', 30), sibling('app.log.2', 40), sibling('app.log.1', 50)]
  const paths = (found: readonly Sibling[]) => found.map(({ path }) => path)

  it('are those after the youngest one that is known', () => {
    const missed = missedBetween(siblings, ({ path }) => path === 'app.log.3', { createdMs: 99 })
    expect(paths(missed)).toEqual(['app.log.2', 'app.log.1'])
  })

  it('are those born since, when the last one that was read is gone', () => {
    expect(paths(missedBetween(siblings, () => false, { createdMs: 40 }))).toEqual(['app.log.2', 'app.log.1'])
  })

  it('are none where nothing was read before', () => {
    expect(missedBetween(siblings, () => false, undefined)).toEqual([])
  })
})
