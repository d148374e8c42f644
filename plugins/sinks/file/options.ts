import { option } from '../../../engine/plugin.ts'

export const options = {
  path: option.template({
    description:
      'The file to write, relative to the working directory. With placeholders every record goes to the file of its own path, which stays in the folder before the first placeholder.',
    examples: ['data/orders.ndjson', 'data/late/{bucket}.ndjson', 'data/%Y-%m-%d/{country}.ndjson'],
  }),
  mode: option.choice(['append', 'overwrite'], {
    description:
      'What happens to files that are there before the first start: `append` writes behind what they hold, `overwrite` empties each when it is first opened. A restart goes on where the last checkpoint ended, in both.',
    default: 'append',
  }),
  when_moved: option.choice(['stop', 'reopen'], {
    description:
      'What happens when somebody moves the file away, as log rotation does: `stop` ends the pipeline, `reopen` goes on in a new file of its name. What was written since the last checkpoint stays in the file that was moved and may come again after a crash, so that this is at-least-once.',
    default: 'stop',
  }),
  max_open_files: option.integer({
    description:
      'How many files are held open at once; the one that was not written for longest is closed for another.',
    default: 64,
    minimum: 1,
    maximum: 10_000,
  }),
  create_dirs: option.boolean({
    description: 'Make missing folders. Where this is false, a missing folder stops the pipeline.',
    default: true,
  }),
}
