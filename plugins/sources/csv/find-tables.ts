import { isAbsolute, relative } from 'node:path'
import { type SourceContext, StreamrunError } from '../../../engine/plugin.ts'
import { findFiles, type Pattern, patternOf } from '../../shared/find-files.ts'
import type { Position } from './position.ts'

/** A file to be read. */
export interface TableFile {
  /** As the options write it: relative to the working directory, or absolute. */
  readonly path: string
  /** When it was found. */
  readonly size: number
}

/** The files in the order of `paths`, those of a glob in the order of their names, each once. */
export async function findTables(
  paths: readonly string[],
  context: SourceContext<Position>,
): Promise<readonly TableFile[]> {
  const tables = new Map<string, TableFile>()
  for (const given of paths) {
    const pattern = patternOf(given)
    const { found, unreadable } = await findFiles([pattern], () => false, context.storage)
    for (const [path, code] of unreadable) throw new StreamrunError('SR_IO', `cannot read ${path}: ${code}`)
    if (found.length === 0) throw missing(given, pattern)
    for (const { path: absolute, stat } of found.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
      const path = isAbsolute(given) ? absolute : relative('', absolute)
      tables.set(absolute, tables.get(absolute) ?? { path, size: stat.size })
    }
  }
  const files = [...tables.values()]
  for (const [path, { offset }] of context.committed()) {
    const isThere = files.some((file) => file.path === path)
    if (!isThere) context.log.warn(`${path} is not read any more: it was read up to byte ${offset}`)
  }
  return files
}

function missing(given: string, { depth }: Pattern): StreamrunError {
  return new StreamrunError('SR_INPUT_MISSING', depth === 0 ? `there is no file ${given}` : `no file matches ${given}`)
}
