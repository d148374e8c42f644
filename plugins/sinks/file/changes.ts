import type { FileStat } from '../../../engine/plugin.ts'
import { changedUnderUs } from './faults.ts'
import type { OutputFile } from './output-file.ts'
import type { FileMark } from './state.ts'

/** SI-06: the path still is the file that was written, and nothing of it is gone. */
export function verify(path: string, mark: FileMark, found: Pick<FileStat, 'inode' | 'size'> | undefined): void {
  if (found === undefined) throw changedUnderUs(path, 'is gone')
  if (found.inode !== mark.inode) throw changedUnderUs(path, 'is another file than before')
  if (found.size < mark.length) throw changedUnderUs(path, `has ${found.size} bytes instead of ${mark.length}`)
}

/** There is another file at the path than the one that was written, or none: somebody moved it away. */
export function isMoved({ inode }: Pick<FileMark, 'inode'>, found: Pick<FileStat, 'inode'> | undefined): boolean {
  return found?.inode !== inode
}

/**
 * Asked before every write: one behind the end of a file that was cut would fill the gap with zeros, and then nothing
 * would seem to be gone; one into a file that others wrote to would overwrite that.
 */
export async function refuseChanged(files: readonly OutputFile[]): Promise<void> {
  const sizes = await Promise.all(files.map(async ({ handle }) => (await handle.stat()).size))
  for (const [index, { path, length }] of files.entries()) {
    if (sizes[index] !== length) throw changedUnderUs(path, `has ${sizes[index]} bytes instead of ${length}`)
  }
}
