import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** What streamrun's own package.json says. */
export interface OwnPackage {
  readonly version: string
  readonly peerDependencies: { readonly vitest: string }
}

// By its name, as the way to it differs between the sources, the compiled files and the bundle.
const MANIFEST = 'streamrun/package.json'

export function ownPackage(): OwnPackage {
  return createRequire(import.meta.url)(MANIFEST) as OwnPackage
}

/** The absolute path of a file that comes with streamrun; `path` is relative to the root of its package. */
export function ownFile(path: string): string {
  return join(dirname(createRequire(import.meta.url).resolve(MANIFEST)), path)
}
