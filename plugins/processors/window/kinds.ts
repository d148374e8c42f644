import type { OptionValues, ProcessorContext } from '../../../engine/plugin.ts'
import { calendarGrid } from './calendar.ts'
import { Counted } from './counted.ts'
import { EarlyResults, type Emit } from './early.ts'
import { type Grid, slidingGrid } from './grid.ts'
import type { options } from './options.ts'
import { Panes } from './panes.ts'
import type { Rows } from './rows.ts'
import { Sessions } from './sessions.ts'
import type { Windows } from './windows.ts'

export type Given = OptionValues<typeof options>

/** The options that say what kind of windows there are. */
export const KINDS = ['every', 'session', 'count'] as const

/** The options have been checked: there is one. */
export function kindOf(given: Given): (typeof KINDS)[number] | undefined {
  return KINDS.find((kind) => given[kind] !== undefined)
}

/** The windows that the options describe. */
export function windowsOf(given: Given, rows: Rows, context: Pick<ProcessorContext, 'state'>): Windows {
  const { lateness, session, count, count_slide } = given
  const early = new EarlyResults(rows, emitOf(given), context.state('early'))
  if (session !== undefined) return new Sessions({ gap: session, rows, early, lateness })
  if (count !== undefined) return new Counted({ count, slide: count_slide ?? count, rows, early })
  return new Panes({
    grid: gridOf(given),
    rows,
    early,
    lateness,
    fill: given.fill,
    progress: context.state('progress'),
  })
}

function gridOf({ every, slide, offset, zone }: Given): Grid {
  if (typeof every === 'string') return calendarGrid(every, zone)
  const size = every as number
  return slidingGrid(size, slide ?? size, offset)
}

export function emitOf({ emit }: Given): Emit {
  if (emit.every !== undefined) return { every: emit.every }
  return emit.on === undefined ? undefined : { on: 'change' }
}
