import { RecordError, type StreamRecord, type Template } from '../../../engine/plugin.ts'

/** Where records go: one path, or one for each record, within a base folder (CF-09). */
export type Destination =
  | { readonly kind: 'constant'; readonly path: string }
  | {
      readonly kind: 'templated'
      /** What stands before the first segment with a placeholder; `.` when there is nothing. */
      readonly base: string
      /** Throws, or rejects with, `RecordError`: SR_PATH_UNSAFE, or that of an expression. */
      render(record: StreamRecord): string | Promise<string>
    }

/** `compile` throws for text that is no template. */
export function compilePath(text: string, compile: (text: string) => Template): Destination {
  const whole = compile(text)
  if (whole.constant) return { kind: 'constant', path: whole.prefix }
  const segments = splitTemplate(text, compile)
  const first = segments.findIndex(({ constant }) => !constant)
  const base = segments.slice(0, first).map(({ prefix }) => prefix)
  // `a//b` and `a/./b` are `a/b`.
  const inside = segments.slice(first).filter(({ constant, prefix }) => !constant || (prefix !== '' && prefix !== '.'))
  const start = base.length === 0 ? '' : `${base.join('/')}/`
  return {
    kind: 'templated',
    base: base.length === 0 ? '.' : base.join('/') || '/',
    render: (record) => renderFrom(0, start, inside, record),
  }
}

/** What is wrong with the part of a path that no record changes. */
export function staticFault(text: string): string | undefined {
  if (text === '') return 'a path is needed'
  if (text.endsWith('/')) return 'this is a folder: a file name is missing'
  const before = text.split(/[{%]/, 1)[0] as string
  const faults = before.split('/').map((segment) => (segment === '' ? undefined : segmentFault(segment)))
  const fault = faults.find((one) => one !== undefined && one !== ONLY_DOTS)
  return fault === undefined ? undefined : `a part of the path ${fault}`
}

/**
 * A template for each segment. An expression may hold slashes, and then what stands before one is no whole template.
 */
function splitTemplate(text: string, compile: (text: string) => Template): Template[] {
  const segments: Template[] = []
  let open = ''
  for (const piece of text.split('/')) {
    const segment = tryCompile(open + piece, compile)
    if (segment === undefined) open += `${piece}/`
    else {
      segments.push(segment)
      open = ''
    }
  }
  return segments
}

function tryCompile(text: string, compile: (text: string) => Template): Template | undefined {
  try {
    return compile(text)
  } catch {
    return undefined
  }
}

/** Goes on without a promise for as long as no segment needs one. */
function renderFrom(
  index: number,
  before: string,
  segments: readonly Template[],
  record: StreamRecord,
): string | Promise<string> {
  let path = before
  for (let at = index; at < segments.length; at++) {
    const slash = at === 0 ? '' : '/'
    const segment = (segments[at] as Template).render(record)
    if (typeof segment !== 'string') {
      const start = path + slash
      return segment.then((text) => renderFrom(at + 1, start + safe(text), segments, record))
    }
    path += slash + safe(segment)
  }
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) throw unsafe(`is longer than ${MAX_PATH_BYTES} bytes`)
  return path
}

const MAX_SEGMENT_BYTES = 255
/** Linux takes 4,096 with the terminator; some room is left for the working directory. */
const MAX_PATH_BYTES = 3500
const ONLY_DOTS = 'is nothing but dots'

function safe(segment: string): string {
  const fault = segmentFault(segment)
  if (fault !== undefined) throw unsafe(fault)
  return segment
}

function segmentFault(segment: string): string | undefined {
  if (segment === '') return 'is empty'
  if (/^\.+$/.test(segment)) return ONLY_DOTS
  if (segment.includes('/')) return 'holds a slash that is not in the template'
  if (segment.includes('\0')) return 'holds a NUL character'
  // It would be replaced, and two names would become one.
  if (/\p{Surrogate}/u.test(segment)) return 'holds half a surrogate pair'
  if (Buffer.byteLength(segment) > MAX_SEGMENT_BYTES) return `is longer than ${MAX_SEGMENT_BYTES} bytes`
  return undefined
}

function unsafe(fault: string): RecordError {
  return new RecordError('SR_PATH_UNSAFE', `a part of the path made from this record ${fault}`)
}
