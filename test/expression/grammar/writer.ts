import type { Random } from 'fast-check'
import type { Tree } from '../tree.ts'

/** What an expression should yield. The grammar keeps to it most of the time: errors are only half of the matter. */
export type Sort = 'any' | 'number' | 'text' | 'truth' | 'list' | 'object' | 'function'

/** One way to write an expression; `depth` is how many levels may still come below it. */
export type Rule = (write: Writer, depth: number) => Tree

/** Ways to write, each with how often it is taken. */
export type Rules = readonly (readonly [weight: number, rule: Rule])[]

export class Writer {
  readonly #random: Random
  readonly #rules: Readonly<Record<Sort, Rules>>
  readonly #leaves: Readonly<Record<Sort, Rules>>

  constructor(random: Random, rules: Readonly<Record<Sort, Rules>>, leaves: Readonly<Record<Sort, Rules>>) {
    this.#random = random
    this.#rules = rules
    this.#leaves = leaves
  }

  expression(sort: Sort, depth: number): Tree {
    const wanted = this.often(0.06) ? 'any' : sort
    const rules = depth <= 0 ? this.#leaves[wanted] : this.#rules[wanted]
    return this.by(rules)(this, depth - 1)
  }

  /** As many as `most`, each one level down. */
  some(least: number, most: number, sort: Sort, depth: number): Tree[] {
    return Array.from({ length: this.between(least, most) }, () => this.expression(sort, depth))
  }

  by(rules: Rules): Rule {
    let left = this.#random.nextInt(1, total(rules))
    for (const [weight, rule] of rules) {
      left -= weight
      if (left <= 0) return rule
    }
    throw new Error('no rule')
  }

  pick<T>(items: readonly T[]): T {
    return items[this.#random.nextInt(0, items.length - 1)] as T
  }

  often(share: number): boolean {
    return this.#random.nextDouble() < share
  }

  between(least: number, most: number): number {
    return this.#random.nextInt(least, most)
  }
}

function total(rules: Rules): number {
  return rules.reduce((sum, [weight]) => sum + weight, 0)
}
