import { expect, test } from 'vitest'
import { readOptions } from '../../../engine/options.ts'
import { sourceContext } from '../../../test/contract/context.ts'
import csv from './index.ts'
import { diskWith, type Options, PATH } from './reading.fixture.ts'

/** What it says behind each of its first batches. */
async function sharesOf(options: Options, most = 4): Promise<(number | undefined)[]> {
  const storage = await diskWith(`n\n${'1\n'.repeat(20_000)}`)
  const source = await csv.open(readOptions(csv.options, { path: PATH, ...options }), sourceContext({ storage }))
  const shares: (number | undefined)[] = []
  for await (const _ of source.batches()) {
    shares.push(source.progress?.())
    if (shares.length === most) break
  }
  await source.close?.()
  return shares.map((share) => share && Math.round(share * 100) / 100)
}

test('tells the share of the file, or of its limit, that it has read', async () => {
  expect(await sharesOf({})).toEqual([0.41, 0.82, 1])
  expect(await sharesOf({ limit: 10_000 })).toEqual([0.82, 1])
  expect(await sharesOf({ limit: 80_000 })).toEqual([0.41, 0.82, 1])
  expect(await sharesOf({ limit: 80_000, repeat: true })).toEqual([0.1, 0.2, 0.25, 0.35])
})

test('tells nothing when it reads the file again and again without a limit', async () => {
  expect(await sharesOf({ repeat: true }, 2)).toEqual([undefined, undefined])
})
