/** What a component holds, and how far it is, at this moment. */
export interface Load {
  readonly component: string
  /** Records that wait in it. */
  readonly waiting: number
  /** Records that left it, where no count says so: memory channels. */
  readonly passed?: number
  /** The share of a finite input that was read, from 0 to 1. */
  readonly progress?: number | undefined
}
