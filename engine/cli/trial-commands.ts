import { type Command, Option } from 'commander'
import { count, notEmpty, repeated } from './arguments.ts'
import { exitWith } from './exit.ts'
import type { TestCommandOptions } from './test.ts'
import type { TryCommandOptions } from './try.ts'

/** `streamrun try` and `streamrun test`: what they take; what they do is loaded when they are called. */
export function addTrialCommands(program: Command, withCommonOptions: (command: Command) => Command): void {
  withCommonOptions(program.command('try'))
    .description('show what each step of a pipeline does with a few records; nothing is written anywhere')
    .argument('<file>', 'a pipeline file')
    .option(
      '--sample <[name=]file>',
      'records in the place of a source; without it, the first of the source itself',
      repeated,
    )
    .addOption(new Option('--limit <count>', 'how many records of each source').argParser(count).default(100))
    .addHelpText(
      'after',
      `
Examples:
  $ streamrun try pipelines/ecommerce.yaml
  $ streamrun try orders.yaml --sample yesterday.ndjson --limit 20
  $ streamrun try orders.yaml --json | jq '.steps[] | {name, in, out, dropped}'
  $ streamrun try enrich.yaml --sample orders=orders.ndjson --sample users=users.csv
`,
    )
    .action(async (file: string, options: TryCommandOptions) =>
      exitWith((await import('./try.ts')).tryPipeline(file, options)),
    )

  program
    .command('test')
    .exitOverride()
    .description('run the tests of pipelines on a clock of their own: a day of events in milliseconds')
    .argument(
      '[file...]',
      'pipelines, which stand for their NAME.test.yaml, test files, or folders of them (default: this folder)',
    )
    .option(
      '--update',
      'write what came out where whole records were expected, in the test file or in a `file` that it names once',
    )
    .option('--watch', 'run them again when a file changes that was read')
    .addOption(new Option('--junit <file>', 'write the results as JUnit XML too').argParser(notEmpty))
    .addHelpText(
      'after',
      `
Examples:
  $ streamrun test pipelines/*.yaml
  $ streamrun test pipelines
  $ streamrun test pipelines/ecommerce.yaml --watch
  $ streamrun test --junit results.xml
`,
    )
    .action(async (files: string[], options: TestCommandOptions) =>
      exitWith((await import('./test.ts')).test(files, options)),
    )
}
