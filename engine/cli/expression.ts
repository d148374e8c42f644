import { StreamrunError } from '../errors.ts'
import { functionTable } from '../expression/functions/index.ts'
import { NO_TABLES } from '../expression/functions/lookup-table.ts'
import { compileExpression, type Expression, ExpressionSyntaxError } from '../expression/index.ts'
import { checkNames } from '../expression/names.ts'
import { parseExpression } from '../expression/syntax.ts'
import { systemRandom } from '../random.ts'
import { visible } from '../visible.ts'

/**
 * An expression of the command line, ready to run. Throws `StreamrunError` SR_USAGE that points at everything that is
 * wrong with it; `what` is what the user calls it.
 */
export function compileArgument(what: string, text: string, environment: Readonly<Record<string, string>>): Expression {
  checkArgument(what, text)
  return compileExpression(text, { environment, functions: commandFunctions() })
}

/** There are no tables on a command line. */
export function commandFunctions() {
  return functionTable({ random: systemRandom(), tables: NO_TABLES })
}

/** A line break, the line of the text that holds `position`, and carets below it. */
export function underlined(text: string, position: number, length = 1): string {
  const start = text.lastIndexOf('\n', position - 1) + 1
  const line = text.slice(start).split('\n', 1)[0] ?? ''
  const carets = '^'.repeat(Math.max(1, Math.min(length, line.length - (position - start))))
  const indent = ' '.repeat(visible(line.slice(0, position - start)).length)
  return `\n  ${visible(line)}\n  ${indent}${carets}`
}

function checkArgument(what: string, text: string): void {
  const { tree } = parsed(what, text)
  const faults = checkNames(tree, NO_TABLES)
  if (faults.length === 0) return
  const shown = faults.map(({ position, length, message, hint }) => {
    const advice = hint === undefined ? '' : ` ${hint}`
    return `${what}: ${message}${underlined(text, position, length)}${advice}`
  })
  throw new StreamrunError('SR_USAGE', shown.join('\n'))
}

function parsed(what: string, text: string) {
  try {
    return parseExpression(text)
  } catch (error) {
    if (!(error instanceof ExpressionSyntaxError)) throw error
    const shown = `${what}: ${error.message}${underlined(text, error.position)}`
    throw new StreamrunError('SR_USAGE', shown, { cause: error })
  }
}
