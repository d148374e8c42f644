import { LINE_FEED } from './split.ts'

/** How the bytes of a file are text. */
export interface Encoding {
  /** Bytes of a line feed. */
  readonly unit: 1 | 2
  /** The byte order mark, which is skipped at the beginning of a file. */
  readonly mark: Buffer
  /** True: its bytes are what the codecs read. */
  readonly isUtf8: boolean
  /** Where the next line feed begins, -1 when there is none; `base` is where `data` begins in the file. */
  lineFeed(data: Buffer, from: number, base: number): number
  text(data: Buffer, start: number, end: number): string
  /** How many of these bytes, the beginning of a text, are whole characters. */
  whole(bytes: Buffer): number
}

export type EncodingName = keyof typeof ENCODINGS

/** Every encoding by the word in the options. */
export const ENCODINGS = {
  'utf-8': {
    unit: 1,
    mark: Buffer.from([0xef, 0xbb, 0xbf]),
    isUtf8: true,
    lineFeed: (data, from) => data.indexOf(LINE_FEED, from),
    text: (data, start, end) => data.toString('utf8', start, end),
    whole: wholeUtf8,
  },
  latin1: {
    unit: 1,
    mark: Buffer.alloc(0),
    isUtf8: false,
    lineFeed: (data, from) => data.indexOf(LINE_FEED, from),
    text: (data, start, end) => data.toString('latin1', start, end),
    whole: (bytes) => bytes.length,
  },
  'utf-16le': {
    unit: 2,
    mark: Buffer.from([0xff, 0xfe]),
    isUtf8: false,
    lineFeed: (data, from, base) => lineFeedUtf16(data, from, base, 0),
    text: (data, start, end) => data.toString('utf16le', start, end),
    whole: (bytes) => wholeUtf16(bytes, 1),
  },
  'utf-16be': {
    unit: 2,
    mark: Buffer.from([0xfe, 0xff]),
    isUtf8: false,
    lineFeed: (data, from, base) => lineFeedUtf16(data, from, base, 1),
    text: (data, start, end) => swapped(data, start, end).toString('utf16le'),
    whole: (bytes) => wholeUtf16(bytes, 0),
  },
} as const satisfies Record<string, Encoding>

/** The end of the last whole character, whose continuation bytes are 10xxxxxx. */
function wholeUtf8(bytes: Buffer): number {
  let lead = bytes.length - 1
  while (lead > bytes.length - 4 && lead > 0 && ((bytes[lead] as number) & 0xc0) === 0x80) lead -= 1
  return bytes.length - lead < lengthOfCharacter(bytes[lead] as number) ? lead : bytes.length
}

function lengthOfCharacter(lead: number): number {
  if (lead >= 0xf0) return 4
  if (lead >= 0xe0) return 3
  return lead >= 0xc0 ? 2 : 1
}

/** Units begin at even offsets of the file: 0x0A elsewhere is half of another character, such as U+0A00 or U+010A. */
function lineFeedUtf16(data: Buffer, from: number, base: number, low: 0 | 1): number {
  for (let at = data.indexOf(LINE_FEED, from + low); at >= 0; at = data.indexOf(LINE_FEED, at + 1)) {
    const start = at - low
    if ((base + start) % 2 === 0 && data[start + 1 - low] === 0) return start
  }
  return -1
}

function wholeUtf16(bytes: Buffer, high: 0 | 1): number {
  const end = bytes.length - (bytes.length % 2)
  const isFirstHalf = end > 0 && ((bytes[end - 2 + high] as number) & 0xfc) === 0xd8
  return isFirstHalf ? end - 2 : end
}

function swapped(data: Buffer, start: number, end: number): Buffer {
  return Buffer.from(data.subarray(start, end - ((end - start) % 2))).swap16()
}
