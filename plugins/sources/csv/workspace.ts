import { RowPlaces } from './row-places.ts'

/** Memory for a piece of the file and for the places of the rows in it. */
export interface Workspace {
  readonly bytes: Buffer
  readonly places: RowPlaces
}

/** Workspaces to be used again. One that never comes back is the garbage collector's. */
export class WorkspacePool {
  readonly #bytes: number
  readonly #noteWidth: number
  readonly #spare: Workspace[] = []

  /** `bytes`: what one of them holds; `noteWidth`: of `RowPlaces`. */
  constructor(bytes: number, noteWidth: number) {
    this.#bytes = bytes
    this.#noteWidth = noteWidth
  }

  /** One for so many bytes, with no places in it; one for more than usual is for a long row, and not kept. */
  take(bytes: number): Workspace {
    const spare = bytes <= this.#bytes ? this.#spare.pop() : undefined
    spare?.places.clear()
    return spare ?? this.#make(Math.max(bytes, this.#bytes))
  }

  give(workspace: Workspace): void {
    if (workspace.bytes.length === this.#bytes && this.#spare.length < MOST_SPARE) this.#spare.push(workspace)
  }

  #make(bytes: number): Workspace {
    return { bytes: Buffer.allocUnsafeSlow(bytes), places: new RowPlaces(this.#noteWidth) }
  }
}

const MOST_SPARE = 8
