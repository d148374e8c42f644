import type { TailedFile } from './tailed-file.ts'

/** The share of all bytes that was handed over; there is no telling how long what is packed will be. */
export function shareRead(files: readonly Pick<TailedFile, 'packed' | 'size' | 'lines'>[]): number | undefined {
  let [read, size] = [0, 0]
  for (const file of files) {
    if (file.packed) return undefined
    read += file.lines.place.offset
    size += Math.max(file.size, file.lines.place.offset)
  }
  return size === 0 ? undefined : read / size
}
