import fc, { type Random } from 'fast-check'
import { writeExpression } from './grammar/index.ts'
import { type Case, writeCases } from './inputs.ts'
import { smallerCases } from './smaller-cases.ts'
import { smallerTrees, type Tree } from './tree.ts'

/** fast-check's own combinators would spend more time than the two evaluations together. */
class Written<T> extends fc.Arbitrary<T> {
  readonly #write: (random: Random) => T
  readonly #smaller: (value: T) => Iterable<T>

  constructor(write: (random: Random) => T, smaller: (value: T) => Iterable<T>) {
    super()
    this.#write = write
    this.#smaller = smaller
  }

  override generate(random: Random): fc.Value<T> {
    return new fc.Value(this.#write(random), undefined)
  }

  override canShrinkWithoutContext(_value: unknown): _value is T {
    return true
  }

  override shrink(value: T): fc.Stream<fc.Value<T>> {
    const smaller = this.#smaller(value)
    return fc.stream(values(smaller))
  }
}

/** Any expression; counter-examples shrink to the branches that matter. */
export const anyExpression: fc.Arbitrary<Tree> = new Written(writeExpression, smallerTrees)

/** Some inputs, with bindings, for one expression. */
export const anyCases: fc.Arbitrary<readonly Case[]> = new Written(writeCases, smallerCases)

function* values<T>(all: Iterable<T>): IterableIterator<fc.Value<T>> {
  for (const one of all) yield new fc.Value(one, undefined)
}
