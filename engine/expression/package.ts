import { createRequire } from 'node:module'
import type Jsonata from 'jsonata'

const require = createRequire(import.meta.url)

/** The `jsonata` package, loaded with the first expression: a pipeline without any starts 30 ms sooner. */
export function jsonataPackage(): typeof Jsonata {
  return require('jsonata')
}
