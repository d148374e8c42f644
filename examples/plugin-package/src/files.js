// @ts-check

/** What the files of a spool folder end with; others in it are left alone. */
export const SUFFIX = '.json'

/** @typedef {import('streamrun/plugin').Storage} Storage */

/**
 * @param {Storage} storage
 * @param {string} path
 */
export async function readFile(storage, path) {
  const file = await storage.open(path, 'read')
  try {
    const { size } = await file.stat()
    const bytes = Buffer.alloc(size)
    const length = await file.read(bytes, 0, size, 0)
    return bytes.subarray(0, length)
  } finally {
    await file.close()
  }
}

/**
 * Durable when it resolves, once its folder is synced too.
 * @param {Storage} storage
 * @param {string} path
 * @param {Uint8Array} bytes
 */
export async function writeFile(storage, path, bytes) {
  const file = await storage.open(path, 'ensure')
  try {
    // What an attempt that failed left behind.
    await file.truncate(0)
    await file.write([bytes], 0)
    await file.sync()
  } finally {
    await file.close()
  }
}
