import type { Clock } from '../clock.ts'
import { liveView } from '../observe/live-view.ts'
import { type Observed, StatusReader } from '../observe/status.ts'
import type { ByteOutput } from '../plugin.ts'
import { Screen, type Terminal } from './screen.ts'

/** One live view of all pipelines of the process, at the bottom of the terminal, while at least one runs. */
export class LiveView {
  readonly #screen: Screen
  readonly #clock: Clock
  readonly #colours: boolean
  readonly #pipelines = new Set<StatusReader>()
  #cancel = () => {}

  constructor(terminal: Terminal, clock: Clock, colours: boolean) {
    this.#screen = new Screen(terminal)
    this.#clock = clock
    this.#colours = colours
  }

  /** Shows a pipeline until the result is called. */
  follow(pipeline: Observed): () => void {
    const reader = new StatusReader(pipeline, this.#clock)
    if (this.#pipelines.size === 0) this.#tickLater()
    this.#pipelines.add(reader)
    return () => {
      if (!this.#pipelines.delete(reader)) return
      if (this.#pipelines.size === 0) this.close()
      else this.redraw()
    }
  }

  /** A log line or a summary, above the view. */
  print(text: string): void {
    this.#screen.print(text)
  }

  /** An output that goes to the same terminal: what it prints scrolls by above the view. */
  above(output: ByteOutput): ByteOutput {
    return {
      colours: output.colours,
      get rows() {
        return output.rows
      },
      write: (chunks) => this.#screen.aside(() => output.write(chunks), chunks.at(-1)?.at(-1) !== LINE_FEED),
    }
  }

  redraw(): void {
    const { columns, rows } = this.#screen
    const statuses = [...this.#pipelines].map((reader) => reader.read())
    this.#screen.show(liveView(statuses, { columns, rows, colours: this.#colours }))
  }

  /** Until the next tick. */
  hide(): void {
    this.#screen.hide()
  }

  /** Takes the view away; what was printed stays. */
  close(): void {
    this.#pipelines.clear()
    this.#cancel()
    this.#screen.show([])
  }

  #tickLater(): void {
    this.#cancel = this.#clock.timer(TICK_MS, () => {
      this.redraw()
      this.#tickLater()
    })
  }
}

const TICK_MS = 200
const LINE_FEED = 0x0a
