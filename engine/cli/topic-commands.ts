import { type Command, Option } from 'commander'
import { count, notEmpty, time } from './arguments.ts'
import { exitWith } from './exit.ts'
import type { ReadOptions } from './read.ts'
import { parseFrom } from './read-from.ts'
import type { TopicsOptions } from './topic-session.ts'
import type { LagOptions, OffsetsOptions } from './topics.ts'

/** `streamrun topics` and `streamrun read`: what they take; what they do is loaded when they are called. */
export function addTopicCommands(program: Command): void {
  addTopics(program)
  addRead(program)
}

const WHERE_FROM = `
Topics are those of --pipeline FILE, by its connection with its TLS and credentials; else of --brokers, else of
$KAFKA_BROKERS, else the embedded ones of this folder. Embedded topics are read without a lock: also while a pipeline
writes to them, and then as far as it has committed.
`

function addTopics(program: Command): void {
  const topics = program
    .command('topics')
    .description('show topics, their offsets, and how far groups have read them')
    .helpCommand(false)
    .addHelpText(
      'after',
      `${WHERE_FROM}
Examples:
  $ streamrun topics                           the same as streamrun topics list
  $ streamrun topics describe events           its partitions, and who reads it
  $ streamrun topics offsets events --at 2026-03-14T08:00:00Z
  $ streamrun topics lag                       of all groups; with a name, of one
  $ streamrun topics list --brokers kafka-1:9092 --json
  $ streamrun topics --pipeline shop.yaml      those that the connection of shop.yaml reaches
`,
    )
  // A word that is no command comes here too.
  const list = withTopicOptions(topics.command('list', { isDefault: true }))
    .description('every topic, with its partitions and the records that it keeps (the default command)')
    .allowExcessArguments()
    .action(async (options: TopicsOptions) => {
      const [word] = list.args
      if (word !== undefined) list.error(`error: ${misplaced(word, topics)}`)
      await exitWith((await import('./topics.ts')).listTopics(options))
    })
  withTopicOptions(topics.command('describe'))
    .description('one topic: its partitions, and the groups that read it')
    .argument('<topic>')
    .action(async (topic: string, options: TopicsOptions) =>
      exitWith((await import('./topics.ts')).describeTopic(topic, options)),
    )
  withTopicOptions(topics.command('offsets'))
    .description('earliest and latest offset of each partition, and the first one since a time')
    .argument('<topic>')
    .addOption(new Option('--at <time>', 'the first offset whose record is not older').argParser(time))
    .action(async (topic: string, options: OffsetsOptions) =>
      exitWith((await import('./topics.ts')).topicOffsets(topic, options)),
    )
  withTopicOptions(topics.command('lag'))
    .description('what groups have committed, and how many records they have yet to read')
    .argument('[group]', 'left out: all groups')
    .option('--topic <topic>', 'only of this topic')
    .action(async (group: string | undefined, options: LagOptions) =>
      exitWith((await import('./topics.ts')).topicLag(group, options)),
    )
}

/** What to write instead of a word that no command begins with. */
function misplaced(word: string, { commands }: Command): string {
  const isCommand = commands.some((command) => command.name() === word)
  if (isCommand) return `options stand behind the command: streamrun topics ${word} ...`
  return `"${word}" is no command of topics; of a topic: streamrun topics describe ${word}`
}

function withTopicOptions(command: Command): Command {
  return withPlaceOptions(command).option('--json', 'as data')
}

function addRead(program: Command): void {
  withPlaceOptions(program.command('read'))
    .description('print the records of a topic, one line of JSON each')
    .argument('<topic>')
    .addOption(
      new Option('--from <place>', 'earliest, latest, an offset, -N (the last N of each partition), or a time')
        .argParser(parseFrom)
        .default({ kind: 'earliest' }, 'earliest'),
    )
    .option('--where <expression>', 'only records that meet this JSONata condition')
    .addOption(new Option('--limit <n>', 'end after n records').argParser(count))
    .option('--follow', 'wait for more at the end; Ctrl-C ends it')
    .addHelpText(
      'after',
      `${WHERE_FROM}
A line is {topic, partition, offset, timestamp, key, headers, value}: the value as JSON when it is JSON, else with
"encoding" text or base64; a tombstone has value null and "tombstone": true. --where sees the value, and $key,
$timestamp, $headers, $origin and $env; a record on which it fails is not shown, and counted on stderr.

Examples:
  $ streamrun read events                      from the beginning to the end
  $ streamrun read events --from -5            the last five of each partition
  $ streamrun read events --where 'event_type = "purchase" and price > 100' --limit 10
  $ streamrun read events --where '$key = "u-00958"' --from 2026-03-14T08:00:00Z
  $ streamrun read events --where '$origin.partition = "events/0"'
  $ streamrun read events --from latest --follow --brokers kafka-1:9092 | jq .value
`,
    )
    .action(async (topic: string, options: ReadOptions) => exitWith((await import('./read.ts')).read(topic, options)))
}

function withPlaceOptions(command: Command): Command {
  return command
    .exitOverride()
    .addOption(
      new Option(
        '--brokers <list>',
        'host:port with commas between them, or embedded (default: $KAFKA_BROKERS)',
      ).argParser(notEmpty),
    )
    .addOption(
      new Option('--topics-dir <folder>', 'of embedded topics (default: .streamrun/topics)').argParser(notEmpty),
    )
    .addOption(
      new Option('--pipeline <file>', 'connect as this pipeline does, with TLS and credentials').argParser(notEmpty),
    )
    .addOption(new Option('--connection <name>', 'which connection of the pipeline, if it has several'))
    .option('--env-file <file>', 'read environment variables from a file; those already set win')
}
