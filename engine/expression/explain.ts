import { compile, type FunctionTable, type Reads } from './compile.ts'
import { DEFAULT_LIMITS } from './limits.ts'

/** How an expression runs. */
export interface Explanation {
  readonly mode: 'compiled' | 'interpreted'
  /** Why it is interpreted. */
  readonly why?: string | undefined
  /** What it can touch of the value of a record: paths, each with all that is below it. */
  readonly reads: Reads
}

/** `text` is a valid expression. */
export function explainExpression(text: string, functions: FunctionTable): Explanation {
  const { mode, why, reads } = compile(text, { limits: DEFAULT_LIMITS, functions })
  return { mode, ...(why === undefined ? {} : { why }), reads }
}

/** `reads price and user.name` */
export function describeReads(reads: Reads): string {
  if (reads === 'everything') return 'may read everything of the value'
  if (reads.length === 0) return 'reads nothing of the value'
  const paths = reads.map((path) => path.map(nameText).join('.') || '$')
  return `reads ${paths.length === 1 ? paths[0] : `${paths.slice(0, -1).join(', ')} and ${paths.at(-1)}`}`
}

/** As it would be written in an expression. */
function nameText(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `\`${name}\``
}
