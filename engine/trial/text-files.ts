import type { Storage } from '../storage.ts'

/** A whole file as text; undefined when it is not there. */
export async function readText(storage: Storage, path: string): Promise<string | undefined> {
  const stat = await storage.stat(path)
  if (stat === undefined) return undefined
  const file = await storage.open(path, 'read')
  try {
    const bytes = Buffer.alloc(stat.size)
    const length = await file.read(bytes, 0, bytes.length, 0)
    return bytes.subarray(0, length).toString('utf8')
  } finally {
    await file.close()
  }
}

/** The lines of a file, without their newlines; none when it is not there. A line without a newline is one too. */
export async function readLines(storage: Storage, path: string): Promise<string[]> {
  const text = (await readText(storage, path)) ?? ''
  const lines = text.split('\n')
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}
