import { expect, it } from 'vitest'
import type { StoredFile } from '../../../engine/plugin.ts'
import { memoryStorage } from '../../../test/contract/index.ts'
import { proxied } from '../../../test/faulty.ts'
import { Descriptors } from './descriptors.ts'
import type { LineReader } from './line-reader.ts'
import { TailedFile } from './tailed-file.ts'

it('a new file that got the inode of the one that was looked at is not taken for it', async () => {
  const disk = memoryStorage()
  const made = await disk.open('/a', 'create')
  const seen = { ...(await made.stat()), createdMs: 1 }
  await made.close()
  let createdMs = 2
  let closed = 0
  const storage = proxied(disk, {
    async open(path, mode): Promise<StoredFile> {
      const file = await disk.open(path, mode)
      return {
        ...file,
        stat: async () => ({ ...(await file.stat()), createdMs }),
        async close() {
          closed += 1
        },
      }
    },
  })
  const file = new TailedFile({ path: '/a', where: '/a', stat: seen, lines: {} as LineReader })
  const descriptors = new Descriptors(storage, 1)
  expect({ found: await descriptors.of(file), closed }).toEqual({ found: undefined, closed: 1 })
  createdMs = 1
  expect(await descriptors.of(file)).toBeDefined()
})
