import type { RecordError } from '../errors.ts'
import type { DecodedFrames, Decoder, Frames } from '../frames.ts'
import { group, type Option, type Options, readOptions } from '../options.ts'
import type { Failure } from '../plugin.ts'
import type { Json, StreamRecord } from '../record.ts'
import { CSV_OPTIONS, type CsvOptions, csvCodec, csvFaults } from './csv/index.ts'
import { jsonCodec } from './json.ts'
import { linesCodec } from './lines.ts'

/** Records -> bytes. One instance per component, made from its codec options. */
export interface Encoder {
  readonly name: string
  /** The text of one value, without a terminator. Throws `RecordError` SR_ENCODE_FAILED for what it cannot write. */
  encode(value: Json): string
  /** How many bytes of the beginning of a file `encodeBehind` must see; left out: it does not matter where a text stands. */
  readonly startBytes?: number
  /**
   * `encode` for a file that begins with `start`. Empty: the file is new, and its first text brings along what stands
   * before all records, such as a header. Asked for every batch, so that it keeps no state that a crash could lose.
   */
  encodeBehind?(start: Uint8Array): (value: Json) => string
}

/** Bytes <-> records. */
export interface Codec extends Encoder, Decoder {
  readonly name: string
  /**
   * Looks at every frame once. `good` holds the frames that are records (the same arrays when all are), `failed` the
   * broken ones with their bytes; a frame that is no record and no fault (a blank line of NDJSON) is in neither.
   */
  check(
    frames: Frames,
    from: { component: string; partition: string; timestamp: number },
  ): {
    readonly good: DecodedFrames
    readonly failed: readonly Failure[]
  }
}

/** The bytes of a batch in a codec, and the records that could not be encoded. */
export interface Encoded {
  readonly chunks: readonly Uint8Array[]
  readonly failed: readonly { readonly record: StreamRecord; readonly error: RecordError }[]
}

/** What `codec:` and the options beside it are turned into. */
export type CodecValues = { readonly [name: string]: unknown }

/** How to make a codec. */
export interface CodecDefinition {
  /** One sentence for the reference. */
  readonly summary: string
  /** What stands beside the codec, under its name. */
  readonly options?: Options
  /** What is wrong with the options beyond their schema. */
  readonly faults?: (options: CodecValues) => readonly { readonly option: string; readonly message: string }[]
  /** For sources too; else `make` gives only an encoder, and the text says what to do instead. */
  readonly reads: true | string
  readonly make: (options: CodecValues) => Codec | Encoder
}

/** Every codec by the word that stands in `codec:`. */
export const CODECS = {
  json: {
    summary: 'One JSON value a line, every one checked; blank lines are no records.',
    reads: true,
    make: () => jsonCodec(),
  },
  lines: {
    summary:
      'Any text, one record a line; nothing is looked at. A line that nobody changed keeps its bytes; in the text that expressions get, and in what they make of it, bytes that are not UTF-8 are U+FFFD.',
    reads: true,
    make: () => linesCodec(),
  },
  csv: {
    summary: 'One row an object, for sinks; the option `csv` says how.',
    options: CSV_OPTIONS,
    faults: (options) => csvFaults(options as CsvOptions),
    reads: 'a header and quoted line ends are more than lines: read the file with `type: csv`',
    make: (options) => csvCodec(options as CsvOptions),
  },
} as const satisfies Record<string, CodecDefinition>

export type CodecName = keyof typeof CODECS

/** The options that stand beside the codecs, each under the name of its codec. */
export function codecOptions(): Readonly<Record<string, Option<CodecValues>>> {
  const entries = Object.entries<CodecDefinition>(CODECS).flatMap(([name, { options }]) =>
    options === undefined
      ? []
      : [[name, group(options, { description: `The options of the codec ${name}.` })] as const],
  )
  return Object.fromEntries(entries)
}

/** `name` is one of `CODECS` that reads; the definition was checked before. */
export function createCodec(name: string, options: CodecValues = {}): Codec {
  const made = createEncoder(name, options)
  if (!('check' in made)) throw new Error(`codec ${name} only writes`)
  return made
}

/** `name` is one of `CODECS`, and options that are left out have their defaults; the definition was checked before. */
export function createEncoder(name: string, options: CodecValues = {}): Codec | Encoder {
  if (!Object.hasOwn(CODECS, name)) throw new Error(`there is no codec ${name}`)
  const definition: CodecDefinition = CODECS[name as CodecName]
  return definition.make({ ...readOptions(definition.options ?? {}, {}), ...options })
}
