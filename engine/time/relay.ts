/**
 * How time goes on from one pump to the next: a queue between them, or a durable channel. The writer says how far time
 * has come behind everything that it wrote, and the reader which moment it waits for.
 */
export interface TimeRelay {
  readonly watermark: number
  /** Time has come to this watermark behind everything that was written. */
  advance(watermark: number): void
  /** The next watermark that something waits for behind it; Infinity: nothing does. */
  readonly wanted: number
  want(watermark: number): void
  /** Its writer has handed over what was there before the start. */
  readonly caughtUp: boolean
  catchUp(): void
}

/** The relay of a durable channel: its records carry marks of their own, so it counts once all of them are read. */
export class ChannelRelay implements TimeRelay {
  watermark = Number.NEGATIVE_INFINITY
  wanted = Number.POSITIVE_INFINITY
  caughtUp = false
  /** Set by those who write and read it. */
  wakeWriter: () => void = () => {}
  wakeReader: () => void = () => {}

  advance(watermark: number): void {
    if (watermark <= this.watermark) return
    this.watermark = watermark
    this.wakeReader()
  }

  want(watermark: number): void {
    if (watermark === this.wanted) return
    this.wanted = watermark
    this.wakeWriter()
  }

  catchUp(): void {
    this.caughtUp = true
    this.wakeReader()
  }
}
