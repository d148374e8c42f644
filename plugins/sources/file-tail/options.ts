import { type OptionValues, option } from '../../../engine/plugin.ts'

export const options = {
  path: option.texts({
    description:
      'The files to read: a path or a glob, or a list of them, relative to the working directory. `**` stands for any number of folders.',
    examples: ['data/logs/*.log', ['/var/log/shop/app.log', '/var/log/pods/**/*.log']],
  }),
  exclude: option.optional(
    option.texts({
      description: 'Globs of files that are left out although `path` names them. Compressed files always are.',
      examples: ['**/debug-*.log'],
    }),
  ),
  follow: option.boolean({
    description:
      'true: waits for files and for lines that are still to come. false: reads every file to its end, and then the input has ended.',
    default: true,
  }),
  start: option.choice(['beginning', 'end'], {
    description:
      'Where to begin in files that are there at the very first start. Files that come later are read from their beginning, files that were read before from where they were left.',
    default: 'beginning',
  }),
  encoding: option.choice(['utf-8', 'latin1', 'utf-16le', 'utf-16be'], {
    description:
      'How the bytes of the files are text. What is not UTF-8 is turned into it for the codec; positions, sizes and dead letters stay in the bytes of the file.',
    default: 'utf-8',
    examples: ['latin1', 'utf-16le'],
  }),
  start_at: option.optional(
    option.group(
      {
        match: option.text({
          description:
            'A regular expression whose first group captures the time of a line: ISO 8601 (UTC when it names no zone), or a number since 1970. Lines without a time are passed over.',
          examples: ['^(\\S+)', '"time":"([^"]+)"'],
        }),
        since: option.text({
          description: 'ISO 8601, to the day or finer; in UTC when it names no zone.',
          examples: ['2026-01-31T08:00:00Z', '2026-01-31'],
        }),
      },
      {
        description:
          'Where to begin at the very first start instead of `start`: at the first line at or after a time, found across the file, `.1`, `.2.gz` and so on.',
        examples: [{ match: '^(\\S+)', since: '2026-01-31T08:00:00Z' }],
      },
    ),
  ),
  max_line_bytes: option.size({
    description: 'A longer line is handled as `on_long_line` says. Bounds the memory that one line can take.',
    default: '1MiB',
    examples: ['64KiB', '16MiB'],
  }),
  on_long_line: option.choice(['dead-letter', 'cut', 'skip'], {
    description:
      '`dead-letter`: the beginning of the line goes to the dead letters. `cut`: its first `max_line_bytes` are the record. `skip`: it is left out. All are counted (`long_lines`).',
    default: 'dead-letter',
  }),
  multiline: option.optional(
    option.group(
      {
        start: option.optional(
          option.text({
            description:
              'Joins lines into events: a regular expression that the first line of an event matches. Looks at the first 4 KiB of a line. Either this or `continue`.',
            examples: ['^\\d{4}-\\d{2}-\\d{2}', '^\\['],
          }),
        ),
        continue: option.optional(
          option.text({
            description: 'The other way round: a regular expression of the lines that belong to the event before.',
            examples: ['^\\s|^Caused by:'],
          }),
        ),
        flush_after: option.duration({
          description:
            'When nothing came for so long, the event is handed over without waiting for the line that begins the next one.',
          default: '1s',
          examples: ['200ms'],
        }),
      },
      {
        description: 'Lines that belong together are one record, such as a message with its stack trace.',
        examples: [{ start: '^\\d{4}-' }, { continue: '^\\s', flush_after: '5s' }],
      },
    ),
  ),
  rotate_wait: option.duration({
    description:
      'After a rotation, how long the old file must not have grown before the new one is read: the time that the writer takes to change over.',
    default: '1s',
    examples: ['5s'],
  }),
  poll: option.duration({
    description:
      'How often files are looked at when the operating system gives no hint that they changed, as on network file systems.',
    default: '250ms',
    positive: true,
    examples: ['1s'],
  }),
  max_open_files: option.integer({
    description: 'Files that are open at the same time; the one that was quiet for longest is closed for another.',
    default: 64,
    minimum: 1,
    examples: [512],
  }),
}

export type TailOptions = OptionValues<typeof options>
export type StartAt = NonNullable<TailOptions['start_at']>
export type Multiline = NonNullable<TailOptions['multiline']>
