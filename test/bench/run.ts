import { runBench } from './command.ts'
import { JOBS } from './jobs/index.ts'

const summary =
  'Measures streamrun beside plain Node scripts that do the same work, and checks that both write the same.'
process.exitCode = await runBench({ name: 'npm run bench', summary, jobs: JOBS }, process.argv.slice(2))
