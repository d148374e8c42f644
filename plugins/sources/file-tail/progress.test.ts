import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readOptions } from '../../../engine/options.ts'
import { diskStorage } from '../../../engine/storage.ts'
import { sourceContext } from '../../../test/contract/context.ts'
import { options } from './options.ts'
import type { Position } from './position.ts'
import { shareRead } from './progress.ts'
import { Reader } from './reader.ts'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'file-tail-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function sharesOf(values: { readonly follow: boolean }): Promise<(number | undefined)[]> {
  const context = sourceContext<Position>({ storage: diskStorage() })
  const reader = new Reader(readOptions(options, { path: join(folder, '*.log'), ...values }), context)
  const shares = [reader.progress()]
  for await (const _ of reader.batches()) {
    shares.push(reader.progress())
    if (values.follow) break
  }
  await reader.close()
  return shares
}

test('tells the share of all bytes that it has handed over, when its files are read to their end', async () => {
  writeFileSync(join(folder, 'a.log'), `${'x'.repeat(299_999)}\n`)
  writeFileSync(join(folder, 'b.log'), `${'y'.repeat(99)}\n`.repeat(9000))
  const [before, ...shares] = await sharesOf({ follow: false })
  expect(before).toBeUndefined()
  expect(shares.at(-1)).toBe(1)
  expect(shares).toEqual(shares.toSorted((a, b) => Number(a) - Number(b)))
  expect(new Set(shares).size).toBeGreaterThan(3)
})

test('tells nothing of files that may grow, or that are packed', async () => {
  writeFileSync(join(folder, 'a.log'), 'x\n')
  expect(await sharesOf({ follow: true })).toEqual([undefined, undefined])
  const lines = { place: { offset: 5 } } as Parameters<typeof shareRead>[0][number]['lines']
  expect(shareRead([{ packed: true, size: 10, lines }])).toBeUndefined()
  expect(shareRead([{ packed: false, size: 10, lines }])).toBe(0.5)
})
