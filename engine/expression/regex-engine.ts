import { createRequire } from 'node:module'
import type { RE2JS } from 're2js'
import { LimitReached } from './limits.ts'
import { judgeRegex } from './regex.ts'

/** `javascript` backtracks: fast, and only for patterns that are known not to blow up. `re2` never does. */
export const REGEX_ENGINES = ['javascript', 're2'] as const
export type RegexEngineName = (typeof REGEX_ENGINES)[number]

/** What the regular expressions of one expression run in. */
export interface RegexEngine {
  /** Takes a literal of the expression, before it runs; what is wrong with it, if anything (J-2). */
  prepare(literal: RegExp): string | undefined
  /** What matchers are made of: constructed with a literal that was prepared, it has `exec` and `lastIndex`. */
  readonly RegExp: RegExpConstructor
}

export function regexEngine(name: RegexEngineName): RegexEngine {
  return name === 're2' ? re2Engine() : javascriptEngine()
}

/** Applied to more text than it is safe on, a regular expression fails its record. */
function javascriptEngine(): RegexEngine {
  const longest = new Map<RegExp, number>()
  class BoundedRegExp extends RegExp {
    readonly #maxText: number

    constructor(literal: RegExp) {
      super(literal)
      this.#maxText = longest.get(literal) ?? 0
    }

    override exec(text: string): RegExpExecArray | null {
      if (text.length > this.#maxText) throw tooLong(this.#maxText)
      return super.exec(text)
    }
  }
  return {
    prepare(literal) {
      const verdict = judgeRegex(literal)
      if ('fault' in verdict) return verdict.fault
      longest.set(literal, verdict.maxText)
      return undefined
    },
    RegExp: BoundedRegExp as unknown as RegExpConstructor,
  }
}

function tooLong(maxText: number): LimitReached {
  return new LimitReached(`applies a regular expression that backtracks to a text of more than ${maxText} characters`)
}

const require = createRequire(import.meta.url)

/** Time grows with the length of the text and with nothing else, in the package `re2js`. */
function re2Engine(): RegexEngine {
  const { RE2JS: Re2 } = require('re2js') as { readonly RE2JS: typeof RE2JS }
  const prepared = new Map<RegExp, RE2JS>()
  class LinearRegExp {
    lastIndex = 0
    readonly source: string
    readonly #regex: RE2JS

    constructor(literal: RegExp) {
      this.source = literal.source
      const regex = prepared.get(literal)
      if (regex === undefined) throw new Error('a regular expression was not prepared')
      this.#regex = regex
    }

    /** As that of a `RegExp` with the flag `g`. */
    exec(text: string): RegExpExecArray | null {
      const matcher = this.#regex.matcher(text)
      if (this.lastIndex > text.length || !matcher.find(this.lastIndex)) {
        this.lastIndex = 0
        return null
      }
      this.lastIndex = matcher.end()
      const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, group) => matcher.group(group) ?? undefined)
      return Object.assign(groups, { index: matcher.start(), input: text }) as RegExpExecArray
    }
  }
  return {
    prepare(literal) {
      try {
        prepared.set(literal, Re2.compile(Re2.translateRegExp(literal), Re2.LOOKBEHINDS))
        return undefined
      } catch (error) {
        return `re2 cannot run it: ${error instanceof Error ? error.message : String(error)}`
      }
    },
    RegExp: LinearRegExp as unknown as RegExpConstructor,
  }
}
