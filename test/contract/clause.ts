import { describe, it } from 'vitest'

/** One promise of a contract, as a sentence, and the check of it: it rejects when the promise is not kept. */
export interface Clause {
  readonly title: string
  readonly check: () => Promise<void>
  /** False: it says nothing about this plugin, or the fixture gives no means to check it. */
  readonly applies: boolean
}

export function clause(title: string, check: () => Promise<void>, applies = true): Clause {
  return { title, check, applies }
}

/** One test for each clause that applies. */
export function describeClauses(title: string, clauses: readonly Clause[]): void {
  describe(title, () => {
    for (const { title, check, applies } of clauses) if (applies) it(title, check)
  })
}

/** The titles of the promises that are not kept: for tests of a suite itself. */
export async function brokenPromises(clauses: readonly Clause[]): Promise<string[]> {
  const broken: string[] = []
  for (const { title, check, applies } of clauses) {
    if (applies) await check().catch(() => broken.push(title))
  }
  return broken
}
