import { type Command, Option } from 'commander'
import { notEmpty } from './arguments.ts'
import type { CommonOptions } from './common.ts'
import type { EvalOptions } from './evaluate.ts'
import { exitWith } from './exit.ts'

/** `streamrun explain` and `streamrun eval`: what they take; what they do is loaded when they are called. */
export function addExpressionCommands(program: Command, withCommonOptions: (command: Command) => Command): void {
  withCommonOptions(program.command('explain'))
    .description('show how every expression of a pipeline runs: compiled, or interpreted and why, and what it reads')
    .argument('<file...>', 'pipeline files')
    .option('--no-env', 'leave environment variables unread')
    .addHelpText('after', '\nExample:\n  $ streamrun explain pipelines/ecommerce.yaml\n')
    .action(async (files: string[], options: CommonOptions) =>
      exitWith((await import('./explain.ts')).explain(files, options)),
    )

  program
    .command('eval')
    .exitOverride()
    .description('try an expression on records: one line of JSON for the result of each')
    .argument('<expression>', 'JSONata, with the functions and variables of a pipeline')
    .addOption(
      new Option('--input <file>', 'a record a line, or one JSON document; - for standard input').argParser(notEmpty),
    )
    .addOption(new Option('--explain', 'show how it runs and what it reads, and do not run it').conflicts('input'))
    .option('--json', 'with --explain: as data')
    .option('--env-file <file>', 'read environment variables for $env from a file; those already set win')
    .addHelpText(
      'after',
      `
The expression sees each record, and $key, $timestamp, $headers, $origin and $env; without --input it sees {}. A line is
empty where it yields nothing, or fails: then stderr says why and where, and the exit code is 70.

Examples:
  $ streamrun eval '$format_time($timestamp, "%F")'
  $ streamrun eval '{"total": $sum(items.(price * qty))}' --input orders.ndjson
  $ kubectl logs app | streamrun eval '$parse_json(message).level' --input -
  $ streamrun eval '$top(items.sku, 3)' --explain
`,
    )
    .action(async (expression: string, options: EvalOptions) =>
      exitWith((await import('./evaluate.ts')).evaluate(expression, options)),
    )
}
