import {
  defineProcessor,
  type Expression,
  isTrue,
  type OptionValues,
  RecordError,
  type StreamRecord,
} from '../../../engine/plugin.ts'
import type { Fault } from '../../shared/fault.ts'
import { sift } from '../../shared/sift.ts'
import { options } from './options.ts'

export default defineProcessor({
  type: 'route',
  summary: 'Sends each record to the port of the first case that takes it.',
  options,
  changes: 'nothing',
  overRecords: ['cases'],
  keeps: 'nothing',
  ports: ({ cases, otherwise }) => ({
    main: false,
    side: [...new Set([...cases.keys(), ...(isPort(otherwise) ? [otherwise] : [])])],
  }),
  check: (given) => ({ faults: nameFaults(given) }),
  open: ({ cases, otherwise }, context) => {
    const conditions = [...cases].map(([port, where]) => ({ port, condition: context.expression(where) }))
    const taking = { evaluate: (record: StreamRecord) => portOf(record, conditions, 0) }
    return {
      process: (batch, out) =>
        sift(batch, taking, { out, metrics: context.metrics }, (record, port = otherwise) => {
          if (port === 'fail') throw new RecordError('SR_UNROUTED', 'no case takes the record')
          if (port !== 'drop') out.emit(record, port)
          return port !== 'drop'
        }),
    }
  },
})

interface Case {
  readonly port: string
  readonly condition: Expression
}

/** Undefined when no case takes the record; a promise only when a condition needs one. */
function portOf(
  record: StreamRecord,
  cases: readonly Case[],
  from: number,
): string | undefined | Promise<string | undefined> {
  for (let index = from; index < cases.length; index++) {
    const { port, condition } = cases[index] as Case
    const result = condition.evaluate(record)
    if (result instanceof Promise) {
      return result.then((met) => (isTrue(met) ? port : portOf(record, cases, index + 1)))
    }
    if (isTrue(result)) return port
  }
  return undefined
}

/** What `otherwise` says of records that leave by no port; no case can have such a name. */
const NO_PORTS: readonly string[] = ['fail', 'drop']

function isPort(otherwise: string): boolean {
  return !NO_PORTS.includes(otherwise)
}

function nameFaults({ cases, otherwise }: OptionValues<typeof options>): Fault[] {
  const ports = [...cases.keys()].flatMap((port) => nameFault(port, ['cases', port]))
  const reserved = [...cases.keys()].filter((port) => NO_PORTS.includes(port)).map(reservedFault)
  return [...ports, ...reserved, ...nameFault(otherwise, ['otherwise'])]
}

function nameFault(port: string, path: Fault['path']): Fault[] {
  if (/^[a-z][a-z0-9-]*$/.test(port)) return []
  const message = `"${port}" cannot be a port: write lower-case letters, digits and dashes, a letter first`
  return [{ path, code: 'SR_BAD_NAME', message }]
}

function reservedFault(port: string): Fault {
  const message = `"${port}" is a word of \`otherwise\`: call the port something else`
  return { path: ['cases', port], code: 'SR_BAD_NAME', message }
}
