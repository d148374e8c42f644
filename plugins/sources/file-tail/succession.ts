import { basename } from 'node:path'
import { byAge, rotationOf } from './rotation.ts'
import type { TailedFile } from './tailed-file.ts'

/**
 * After a restart: the files of a path are read one after the other again, as their names tell. `occupants` are those
 * that are at a path now.
 */
export function putInOrder(
  files: readonly TailedFile[],
  occupants: ReadonlyMap<string, TailedFile>,
  now: number,
): void {
  for (const [path, occupant] of occupants) {
    if (occupant.path !== path) continue
    let previous: TailedFile | undefined
    for (const file of [...rotatedOf(path, files), occupant]) {
      previous?.replacedBy(file, now)
      previous = file
    }
  }
}

/** Oldest first. */
function rotatedOf(path: string, files: readonly TailedFile[]): readonly TailedFile[] {
  const aged = files.flatMap((file) => {
    const name = basename(file.where ?? path).replace(/\.gz$/, '')
    const rotation = file.path === path ? rotationOf(basename(path), name) : undefined
    return rotation === undefined ? [] : [{ file, rotation, stat: file }]
  })
  return aged.sort(byAge).map(({ file }) => file)
}
