/**
 * Windows that lie the same for all keys. A record belongs to one pane, a stretch of time that no window divides; a window
 * is a row of panes. Windows are named by their ends, because they close in that order.
 */
export interface Grid {
  /** The start of the pane that a moment lies in. */
  paneAt(moment: number): number
  /** Where the pane ends that starts there. */
  paneEnd(start: number): number
  /** The end of the first window that ends after a moment. */
  endAfter(moment: number): number
  /** The end of the last window that holds a pane. */
  lastEnd(pane: number): number
  startOf(end: number): number
}

/** Windows of `size` milliseconds that begin each `slide`, at multiples of it moved by `offset`. */
export function slidingGrid(size: number, slide: number, offset: number): Grid {
  const pane = commonDivisor(size, slide)
  // Floor division: times before 1970 lie in windows like all others (WI-08).
  const floor = (moment: number, step: number) => Math.floor((moment - offset) / step) * step + offset
  return {
    paneAt: (moment) => floor(moment, pane),
    paneEnd: (start) => start + pane,
    endAfter: (moment) => floor(moment - size, slide) + slide + size,
    lastEnd: (start) => floor(start, slide) + size,
    startOf: (end) => end - size,
  }
}

export function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b)
}
