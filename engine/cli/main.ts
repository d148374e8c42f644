#!/usr/bin/env node
import { Command, CommanderError, Option } from 'commander'
import { EXIT } from '../errors.ts'
import { duration, notEmpty, repeated } from './arguments.ts'
import type { Chosen } from './ask.ts'
import type { CommonOptions } from './common.ts'
import { exitWith } from './exit.ts'
import { addExpressionCommands } from './expression-commands.ts'
import type { GraphCommandOptions } from './graph.ts'
import { ownPackage } from './own-package.ts'
import type { NewPluginOptions } from './plugin-new.ts'
import type { PluginsCommandOptions } from './plugins.ts'
import type { RunCommandOptions } from './run.ts'
import { addTopicCommands } from './topic-commands.ts'
import { addTrialCommands } from './trial-commands.ts'

/** The command line: one command a file, loaded when it is called. */
const program = new Command('streamrun')
  .description('Runs data pipelines from YAML files: nothing is lost and nothing is silent.')
  .helpOption('-h, --help', 'show this help')
  .helpCommand(false)
  .version(ownPackage().version, '-V, --version', 'show the version')
  .usage('[command] [options] <file...>')
  .showHelpAfterError('See `streamrun --help`.')
  .exitOverride()
  .addHelpText(
    'after',
    `
Options of a command, such as --fresh or --json: streamrun run --help

Examples:
  $ streamrun init                             write a first pipeline
  $ streamrun pipelines/ecommerce.yaml         run a pipeline until its input ends, or Ctrl-C
  $ streamrun a.yaml b.yaml                    run two of them in one process
  $ streamrun validate examples/*/pipeline.yaml
  $ streamrun graph pipelines/ecommerce.yaml   show what reads from what, and what each path guarantees
  $ streamrun eval '$sum(items.price)' --input orders.ndjson
  $ streamrun try pipelines/ecommerce.yaml     show what each step does with the first records; nothing is written
  $ streamrun test pipelines/*.yaml            run the tests of pipelines
  $ streamrun topics                           the topics of the embedded ones here, or of $KAFKA_BROKERS
  $ streamrun read events --limit 10           the first ten records of one
  $ streamrun plugins sink kafka               explain a plugin: what it does, an example, every option
`,
  )

withCommonOptions(program.command('run', { isDefault: true }))
  .description('run pipelines until their input ends or a signal comes (the default command)')
  .argument('<file...>', 'pipeline files')
  .option('--fresh', 'start over: forget positions and state, leave output files as they are')
  .option('--reset-state <name>', 'give up the state of one component (may be repeated)', repeated)
  .option('--standby', 'wait while another process has the state, and go on when it ends or dies')
  .addOption(
    new Option('--shutdown-timeout <duration>', 'how long a stop may take').argParser(duration).default(30_000, '30s'),
  )
  .option('--quiet', 'log warnings and errors only, no summary')
  .addOption(
    new Option('--log-level <level>', 'least important messages to log')
      .choices(['debug', 'info', 'warn', 'error'])
      .default('info'),
  )
  .addOption(new Option('--log-format <format>', 'how to log to stderr').choices(['text', 'json']).default('text'))
  .addHelpText(
    'after',
    `
Examples:
  $ streamrun pipelines/ecommerce.yaml
  $ streamrun run pipelines/ecommerce.yaml --fresh
  $ streamrun pipelines/ecommerce.yaml --log-format json --json 2> run.log
`,
  )
  .action(async (files: string[], options: RunCommandOptions) =>
    exitWith((await import('./run.ts')).run(files, options)),
  )

withCommonOptions(program.command('validate'))
  .description('check pipeline files without running them: every fault with its place and a hint')
  .argument('<file...>', 'pipeline files')
  .option('--no-env', 'leave environment variables unread')
  .addHelpText(
    'after',
    `
Examples:
  $ streamrun validate pipelines/*.yaml
  $ streamrun validate --no-env --json pipelines/ecommerce.yaml
`,
  )
  .action(async (files: string[], options: CommonOptions) =>
    exitWith((await import('./validate.ts')).validate(files, options)),
  )

withCommonOptions(program.command('graph'))
  .description('show how a pipeline is wired and what each path from source to sink guarantees')
  .argument('<file...>', 'pipeline files')
  .option('--no-env', 'leave environment variables unread')
  .addOption(
    new Option('--format <format>', 'text, or a flowchart for Mermaid (https://mermaid.js.org)')
      .choices(['text', 'mermaid'])
      .default('text')
      .conflicts('json'),
  )
  .addHelpText(
    'after',
    `
Examples:
  $ streamrun graph pipelines/ecommerce.yaml
  $ streamrun graph --format mermaid pipelines/ecommerce.yaml > ecommerce.mmd
`,
  )
  .action(async (files: string[], options: GraphCommandOptions) =>
    exitWith((await import('./graph.ts')).graph(files, options)),
  )

addExpressionCommands(program, withCommonOptions)
addTrialCommands(program, withCommonOptions)
addTopicCommands(program)

program
  .command('plugins')
  .exitOverride()
  .description('list what there is, or explain one: what it does, an example, every option')
  .argument('[kind]', 'connection, source, channel, processor or sink; or only a type')
  .argument('[type]', 'as in `type:`')
  .option('--json', 'as data: the options as a JSON Schema')
  .addHelpText(
    'after',
    `
Examples:
  $ streamrun plugins
  $ streamrun plugins sink kafka
  $ streamrun plugins file                     every kind that has this type
  $ streamrun plugins --json source csv
`,
  )
  .action(async (kind: string | undefined, type: string | undefined, options: PluginsCommandOptions) =>
    exitWith(
      (await import('./plugins.ts')).plugins(
        [kind, type].filter((word) => word !== undefined),
        options,
      ),
    ),
  )

program
  .command('init')
  .exitOverride()
  .description('write a commented pipeline to begin with; on a terminal it asks for what no flag says')
  .argument('[file]', 'where to; a file that is there stays as it is', 'pipeline.yaml')
  .option('--source <type>', 'where records come from')
  .option('--channel <type>', 'where they wait (default: in memory)')
  .option('--processor <type>', 'what filters or changes them (may be repeated)', repeated)
  .option('--sink <type>', 'where they go')
  .addHelpText(
    'after',
    `
Examples:
  $ streamrun init                             asks, and writes pipeline.yaml
  $ streamrun init orders.yaml --source file-tail --processor filter --sink file

The types: streamrun plugins
`,
  )
  .action(async (file: string, options: Chosen) => exitWith((await import('./init.ts')).init(file, options)))

const plugin = program
  .command('plugin')
  .exitOverride()
  .description('write a plugin of your own: `streamrun plugin new`')
  .helpCommand(false)
  .addHelpText('after', '\nExample:\n  $ streamrun plugin new sink my-sink\n')

plugin
  .command('new')
  .exitOverride()
  .description('write a plugin with its contract test, to begin with')
  .argument('<kind>', 'source, processor or sink')
  .argument('<name>', 'its type, such as my-sink')
  .addOption(new Option('--dir <folder>', 'where to (default: a folder of its name)').argParser(notEmpty))
  .addHelpText(
    'after',
    `
Examples:
  $ streamrun plugin new sink my-sink
  $ streamrun plugin new source shop-api --dir plugins/shop-api

Channels and connections of your own are plugins too, but without a template: see \`defineChannel\` and
\`defineConnection\` of streamrun/plugin, and \`describeChannel\` of streamrun/testing.
`,
  )
  .action(async (kind: string, name: string, options: NewPluginOptions) =>
    exitWith((await import('./plugin-new.ts')).newPlugin(kind, name, options)),
  )

try {
  await program.parseAsync()
} catch (error) {
  // Commander has printed its message or the help already.
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage
}

function withCommonOptions(command: Command): Command {
  return command
    .exitOverride()
    .option('--json', 'results as data: faults to stdout, the summary to stderr')
    .addOption(
      new Option('--state-dir <folder>', 'where state is kept (default: .streamrun/<name>)').argParser(notEmpty),
    )
    .option(
      '--env-file <file>',
      // Node 20 looks for an option of this name behind the script too, before any of ours runs.
      'read environment variables from a file; those already set win (where it is missing, Node 20 itself ends with 9)',
    )
}
