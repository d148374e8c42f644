import type { Check } from '../../engine/plugin.ts'

/** What is wrong with options beyond their schema. */
export type Fault = NonNullable<Check['faults']>[number]

export function fault(path: Fault['path'], code: Fault['code'], message: string, hint?: string): Fault {
  return { path, code, message, hint }
}
