import { dirname } from 'node:path'
import { RecordError, type Storage } from '../../../engine/plugin.ts'

/** A link must not lead out of the folder that a templated path stays in (CF-09); links of the folder itself may. */
export async function refuseOutside(storage: Storage, base: string, path: string): Promise<void> {
  const existing = await deepestExisting(storage, path, base)
  if (existing === undefined) return
  const root = await storage.realPath(base)
  const real = await storage.realPath(existing)
  if (real === root || real.startsWith(root === '/' ? root : `${root}/`)) return
  throw new RecordError('SR_PATH_UNSAFE', 'the path made from this record leaves its folder through a symbolic link')
}

/** Undefined when not even `base` is there. */
async function deepestExisting(storage: Storage, path: string, base: string): Promise<string | undefined> {
  for (let one = path; one !== base && one !== dirname(one); one = dirname(one)) {
    if ((await storage.stat(one)) !== undefined) return one
  }
  return (await storage.stat(base)) === undefined ? undefined : base
}
