import { describeSink, memoryOutput } from '../../../test/contract/index.ts'
import stdout from './index.ts'

describeSink('stdout', {
  plugin: stdout,
  prepare: () => printing({}, (line) => JSON.parse(line)),
})

describeSink('stdout, of lines', {
  plugin: stdout,
  codec: 'lines',
  refused: { no: 'text' },
  prepare: () => printing({}, (line) => line),
})

describeSink('stdout, for people', {
  plugin: stdout,
  value: (number) => ({ number }),
  prepare: () => printing({ format: 'pretty' }, (line) => ({ number: Number(/number=(\d+)/.exec(line)?.[1]) })),
})

function printing(options: { readonly format?: string }, parse: (line: string) => string | { number: number }) {
  const output = memoryOutput()
  const read = async () => [output.text.split('\n').slice(0, -1).map(parse)]
  return { options, stdout: output, read }
}
