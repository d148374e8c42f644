import type { Dialect } from './dialect.ts'

/**
 * What stands at a place of CSV text. `plain` and `quoted` are rows without and with quotes, `blank` is an empty line.
 * `partial`: its end is not there yet. `broken`: a line that is no row, as `fault` says. `long`: a line longer than may
 * be; `next` is -1 when its end is not there.
 */
export type RowKind = 'plain' | 'quoted' | 'blank' | 'partial' | 'broken' | 'long'

/**
 * Finds the rows of CSV (RFC 4180; lines end with LF or CR LF) in text that is one character a byte, so that places are
 * byte offsets. Delimiters are ASCII, and no byte of a longer UTF-8 character is.
 *
 * A row that is broken is given up at the end of its first line, and the line behind it is the next row: so a quote that
 * is never closed costs one line and not the rest of the file (CS-01). What is found does not depend on how much more
 * text is there: a place is `partial` until nothing that follows can change the answer (CS-03).
 */
export class RowScanner {
  /** The end of the row that was found, its line end excluded. */
  end = 0
  /** Where the next row begins. */
  next = 0
  /** Line ends in it, its own included. */
  lines = 0
  fault = ''
  readonly #delimiter: number
  readonly #quote: string
  readonly #quoteCode: number
  readonly #longest: number
  #text = ''
  #final = false
  /** The first quote at or behind the last place that was looked at; the length of the text when there is none. */
  #quoteAt = -1

  /** `longest`: bytes of a row, its line end excluded. */
  constructor({ delimiter, quote }: Dialect, longest: number) {
    this.#delimiter = delimiter.charCodeAt(0)
    this.#quote = quote
    this.#quoteCode = quote.charCodeAt(0)
    this.#longest = longest
  }

  /** `final`: nothing follows this text. */
  begin(text: string, final: boolean): void {
    this.#text = text
    this.#final = final
    this.#quoteAt = -1
  }

  /** Looks at the row that begins at `at`, which is before the end of the text. */
  scan(at: number): RowKind {
    const feed = this.#text.indexOf('\n', at)
    const lineEnd = feed < 0 ? this.#text.length : feed
    if (this.#quoteAt < at) this.#quoteAt = this.#indexOfQuote(at)
    if (this.#quoteAt < lineEnd) return this.#scanQuoted(at)
    if (feed < 0 && !this.#final) return this.#tooShort(at)
    this.#take(at, lineEnd, 1)
    if (this.end - at > this.#longest) return this.#long(feed)
    return this.end === at ? 'blank' : 'plain'
  }

  #indexOfQuote(from: number): number {
    const found = this.#text.indexOf(this.#quote, from)
    return found < 0 ? this.#text.length : found
  }

  #scanQuoted(start: number): RowKind {
    const text = this.#text
    let at = start
    for (;;) {
      const isQuoted = text.charCodeAt(at) === this.#quoteCode
      at = isQuoted ? this.#closing(at + 1) : this.#endOfBare(at)
      if (at < 0) return this.#unclosed(start)
      // Behind a field without quotes, the last byte may be the carriage return of the line end.
      if (at - start > this.#longest + (isQuoted ? 0 : 1)) return this.#tooLong(start)
      const code = text.charCodeAt(at)
      if (code === this.#delimiter) at += 1
      else if (at === text.length) return this.#final ? this.#row(start, at) : this.#tooShort(start)
      else if (code === LINE_FEED) return this.#row(start, at)
      else if (!isQuoted) return this.#broken(start, 'a quote in the middle of a field')
      else if (code !== CARRIAGE_RETURN) return this.#broken(start, 'text behind a closing quote')
      else if (at + 1 === text.length) return this.#final ? this.#row(start, at + 1) : this.#tooShort(start)
      else if (text.charCodeAt(at + 1) === LINE_FEED) return this.#row(start, at + 1)
      else return this.#broken(start, 'text behind a closing quote')
    }
  }

  /** The place behind the quote that closes a field; -1 when there is none. */
  #closing(from: number): number {
    const text = this.#text
    let at = text.indexOf(this.#quote, from)
    while (at >= 0 && text.charCodeAt(at + 1) === this.#quoteCode) at = text.indexOf(this.#quote, at + 2)
    // At the end of the text, another quote may follow that would make this one a doubled one.
    if (at >= 0 && at + 1 === text.length && !this.#final) return -1
    return at < 0 ? -1 : at + 1
  }

  /** The delimiter, line feed or quote that ends a field without quotes, or the end of the text. */
  #endOfBare(from: number): number {
    const text = this.#text
    for (let at = from; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code === this.#delimiter || code === LINE_FEED || code === this.#quoteCode) return at
    }
    return text.length
  }

  #row(start: number, feed: number): RowKind {
    this.#take(start, feed, 1)
    if (this.end - start > this.#longest) return this.#tooLong(start)
    this.lines += this.#feedsBetween(start, this.end)
    return 'quoted'
  }

  #feedsBetween(from: number, to: number): number {
    let count = 0
    for (let at = this.#text.indexOf('\n', from); at >= 0 && at < to; at = this.#text.indexOf('\n', at + 1)) count += 1
    return count
  }

  #unclosed(start: number): RowKind {
    if (this.#text.length - start > this.#longest + 1) return this.#tooLong(start)
    return this.#final ? this.#broken(start, 'a quote that is not closed') : 'partial'
  }

  /** The end of the text, with more to come: when that much is one row, it is too long whatever comes. */
  #tooShort(start: number): RowKind {
    return this.#text.length - start > this.#longest + 1 ? this.#tooLong(start) : 'partial'
  }

  /** A row over the bound: the line is too long, or only what quotes have joined to it. */
  #tooLong(start: number): RowKind {
    return this.#broken(start, `a quote that is not closed within ${this.#longest.toLocaleString('en')} bytes`)
  }

  /** Gives up the first line of a row. */
  #broken(start: number, fault: string): RowKind {
    const feed = this.#text.indexOf('\n', start)
    if (feed < 0 && !this.#final) return this.#text.length - start > this.#longest + 1 ? this.#long(feed) : 'partial'
    this.#take(start, feed < 0 ? this.#text.length : feed, 1)
    if (this.end - start > this.#longest) return this.#long(feed)
    this.fault = fault
    return 'broken'
  }

  #long(feed: number): RowKind {
    if (feed < 0) this.next = this.#final ? this.#text.length : -1
    return 'long'
  }

  #take(start: number, feed: number, lines: number): void {
    const isWindows = feed > start && this.#text.charCodeAt(feed - 1) === CARRIAGE_RETURN
    this.end = isWindows ? feed - 1 : feed
    this.next = Math.min(feed + 1, this.#text.length)
    this.lines = lines
  }
}

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
