import type { Json } from '../../../engine/plugin.ts'
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
  prepare: () => printing({ format: 'pretty' }, numberIn(/number=(\d+)/)),
})

describeSink('stdout, as a table', {
  plugin: stdout,
  value: (number) => ({ number }),
  prepare: () => tableOf({ format: 'table' }),
})

describeSink('stdout, as a table of columns', {
  plugin: stdout,
  value: (number) => ({ number }),
  prepare: () => tableOf({ format: 'table', columns: ['number', '$string(number)'] }),
})

describeSink('stdout, from a template', {
  plugin: stdout,
  value: (number) => ({ number }),
  prepare: () => printing({ format: 'template', template: 'no. {number}' }, numberIn(/no\. (\d+)$/)),
})

function numberIn(pattern: RegExp) {
  return (line: string) => ({ number: Number(pattern.exec(line)?.[1]) })
}

/** Each opening of it writes a header of two lines. */
function tableOf(options: { readonly [name: string]: Json }) {
  const place = printing(options, numberIn(/^ *(\d+)/))
  return { ...place, read: async () => [(await place.read()).flat().filter(({ number }) => !Number.isNaN(number))] }
}

function printing<T extends Json>(options: { readonly [name: string]: Json }, parse: (line: string) => T) {
  const output = memoryOutput()
  const read = async () => [output.text.split('\n').slice(0, -1).map(parse)]
  return { options, stdout: output, read }
}
