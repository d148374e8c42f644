import type { RecordError } from '../errors.ts'
import type { Failure } from '../plugin.ts'
import type { DecodedFrames, Decoder, Frames, Json, StreamRecord } from '../record.ts'
import { jsonCodec } from './json.ts'
import { linesCodec } from './lines.ts'

/** Bytes <-> records. One instance per component, made from its codec options. */
export interface Codec extends Decoder {
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
  /** The text of one value, without a terminator. Throws `RecordError` SR_ENCODE_FAILED for what it cannot write. */
  encode(value: Json): string
}

/** The bytes of a batch in a codec, and the records that could not be encoded. */
export interface Encoded {
  readonly chunks: readonly Uint8Array[]
  readonly failed: readonly { readonly record: StreamRecord; readonly error: RecordError }[]
}

/** How to make a codec. */
export interface CodecDefinition {
  /** One sentence for the reference. */
  readonly summary: string
  readonly make: (options: { readonly [name: string]: Json }) => Codec
}

/** Every codec by the word that stands in `codec:`. */
export const CODECS = {
  json: { summary: 'One JSON value a line, every one checked; blank lines are no records.', make: () => jsonCodec() },
  lines: { summary: 'Any text, one record a line; nothing is looked at.', make: () => linesCodec() },
} as const satisfies Record<string, CodecDefinition>

export type CodecName = keyof typeof CODECS

/** `name` is one of `CODECS`; the definition was checked before. */
export function createCodec(name: string, options: { readonly [name: string]: Json } = {}): Codec {
  if (!Object.hasOwn(CODECS, name)) throw new Error(`there is no codec ${name}`)
  const definition: CodecDefinition = CODECS[name as CodecName]
  return definition.make(options)
}
