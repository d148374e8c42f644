import type { Definition, PlacedText } from '../config/definition.ts'
import { EXIT } from '../errors.ts'
import { describeReads, type Explanation, explainExpression } from '../expression/explain.ts'
import { functionTable } from '../expression/functions/index.ts'
import type { RegexEngineName } from '../expression/index.ts'
import { parseTemplate } from '../expression/template-syntax.ts'
import { systemRandom } from '../random.ts'
import { isTestFile } from '../trial/test-file.ts'
import { visible } from '../visible.ts'
import { type CommonOptions, withDefinitions, writeOut } from './common.ts'

/** `streamrun explain`: every expression of the pipelines, where it stands, how it runs and why, and what it reads. */
export function explain(files: readonly string[], options: CommonOptions): Promise<number> {
  // A shell that fills in `*.yaml` names test files as well.
  const pipelines = files.filter((file) => !isTestFile(file))
  return withDefinitions(pipelines, options, async (definitions) => {
    const explained = definitions.flatMap(explainDefinition)
    if (options.json) writeOut(`${JSON.stringify(explained, null, 2)}\n`)
    else writeOut(explained.map(describe).join('\n') || 'no expressions\n')
    return EXIT.done
  })
}

interface Explained extends Explanation {
  readonly file: string
  readonly line: number
  readonly column: number
  /** `processors.bucket.set.total` */
  readonly path: string
  readonly expression: string
}

function explainDefinition({ file, texts, tables, regexEngine }: Definition): Explained[] {
  const functions = functionTable({ random: systemRandom(), tables })
  return texts.flatMap((placed) =>
    expressionsIn(placed, regexEngine).map(({ expression, position }) => ({
      file,
      ...placed.placeAt(position),
      path: placed.path,
      expression,
      ...explainExpression(expression, functions),
    })),
  )
}

/** An expression is one; a template may hold several. */
function expressionsIn(
  { kind, text }: PlacedText,
  engine: RegexEngineName,
): readonly { expression: string; position: number }[] {
  if (kind === 'expression') return [{ expression: text, position: 0 }]
  return parseTemplate(text, engine).flatMap((part) => (part.kind === 'expression' ? [part] : []))
}

function describe({ file, line, column, path, expression, mode, why, reads }: Explained): string {
  const how = why === undefined ? mode : `${mode}: ${why}`
  const lines = expression.trim().split('\n')
  return [
    `${file}:${line}:${column} ${path}`,
    ...lines.map((one) => `  | ${visible(one)}`),
    `  ${how}; ${describeReads(reads)}`,
    '',
  ].join('\n')
}
