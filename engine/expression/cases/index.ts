/** What JSONata promises, feature by feature and function by function: each runs compiled and interpreted. */

import type { Case } from './case.ts'
import * as lists from './list-functions.ts'
import * as numbers from './number-functions.ts'
import * as operators from './operators.ts'
import * as paths from './paths.ts'
import * as programs from './programs.ts'
import * as texts from './text-functions.ts'
import * as times from './time-functions.ts'

export type { Case } from './case.ts'

/** By the name of the feature, or of the function with its `$`. */
export const CASES: Readonly<Record<string, readonly Case[]>> = {
  ...paths,
  ...operators,
  ...programs,
  ...texts,
  ...numbers,
  ...lists,
  ...times,
}
