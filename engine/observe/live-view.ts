import { fitted, visible, widthOf } from '../visible.ts'
import { describeDuration, describeShare } from './durations.ts'
import { describeEventTime } from './event-time.ts'
import type { ComponentStatus, PipelineStatus } from './status.ts'
import { formatCount } from './summary.ts'

/** What the view may take of a terminal. */
export interface ViewSize {
  readonly columns: number
  readonly rows: number
  readonly colours: boolean
}

/**
 * Running pipelines as lines that fit the terminal: one for each pipeline, one for each component under it, and one
 * more for whoever waits, with the reason. What has no room is left out, and how much that is is said.
 */
export function liveView(pipelines: readonly PipelineStatus[], size: ViewSize): string[] {
  if (pipelines.length === 0) return []
  const table = layOut(pipelines, size.columns)
  const sections = pipelines.map((pipeline) => [headOf(pipeline), ...rowsOf(pipeline, table)])
  const lines = [titlesOf(table), ...fitHeight(sections, heightFor(size.rows) - 1)]
  return lines.map((pieces) => compose(pieces, size))
}

/** Text with the colour that it has where colours are allowed. */
interface Piece {
  readonly text: string
  readonly colour?: number | undefined
}
type Line = readonly Piece[]

interface Column {
  readonly title: string
  readonly width: number
  readonly cell: (component: ComponentStatus) => Piece
}

interface Layout {
  readonly nameWidth: number
  readonly columns: readonly Column[]
  /** What is left of a line for notes. */
  readonly noteWidth: number
}

/** Columns are as wide as what is in them, and not narrower than figures usually are, so that they stand still. */
function layOut(pipelines: readonly PipelineStatus[], width: number): Layout {
  const components = pipelines.flatMap((pipeline) => pipeline.components)
  const names = components.map(({ name }) => widthOf(visible(name)))
  const nameWidth = Math.min(WIDEST_NAME, Math.max(NARROWEST_NAME, ...names))
  const sets = COLUMN_SETS.map((columns) => columns.map((column) => widened(column, components)))
  const columns = sets.find((set) => widthOfTable(nameWidth, set) <= width) ?? []
  return { nameWidth, columns, noteWidth: width - widthOfTable(nameWidth, columns) }
}

function widened(column: Column, components: readonly ComponentStatus[]): Column {
  const texts = components.map((component) => column.cell(component).text.length)
  return { ...column, width: Math.max(column.width, ...texts) }
}

function widthOfTable(nameWidth: number, columns: readonly Column[]): number {
  return columns.reduce((sum, { width }) => sum + GAP.length + width, INDENT.length + nameWidth)
}

const CAME: Column = { title: 'in/s', width: 8, cell: ({ in: came }) => ({ text: rateOf(came?.rate) }) }
const LEFT: Column = { title: 'out/s', width: 8, cell: ({ out }) => ({ text: rateOf(out?.rate) }) }
const PACE: Column = { title: 'per s', width: 8, cell: ({ in: came, out }) => ({ text: rateOf((out ?? came)?.rate) }) }
const TOTAL: Column = {
  title: 'total',
  width: 10,
  cell: ({ in: came, out }) => ({ text: formatCount((out ?? came)?.total ?? 0) }),
}
const WAITING: Column = { title: 'waiting', width: 8, cell: ({ waiting }) => ({ text: countOf(waiting) }) }
const FAILED: Column = { title: 'failed', width: 6, cell: ({ failed }) => ({ text: countOf(failed), colour: RED }) }

/** The first that the terminal has room for. */
const COLUMN_SETS: readonly (readonly Column[])[] = [
  [CAME, LEFT, TOTAL, WAITING, FAILED],
  [PACE, TOTAL, WAITING, FAILED],
  [PACE, WAITING, FAILED],
  [PACE],
]

function rateOf(rate: number | undefined): string {
  if (rate === undefined) return ''
  return rate > 0 && rate < 10 ? rate.toFixed(1) : formatCount(Math.round(rate))
}

/** Nothing is shown as nothing: what is there then stands out. */
function countOf(count: number): string {
  return count === 0 ? '' : formatCount(count)
}

function titlesOf({ nameWidth, columns }: Layout): Line {
  const titles = columns.map(({ title, width }) => title.padStart(width))
  return [{ text: [`${INDENT}${' '.repeat(nameWidth)}`, ...titles].join(GAP), colour: DIM }]
}

function headOf({ name, stopping, elapsed, read, rejected, checkpointAge, eventTime }: PipelineStatus): Line {
  const facts: Piece[] = [
    ...(stopping ? [{ text: 'stopping', colour: YELLOW }] : []),
    { text: describeDuration(elapsed) },
    { text: `${formatCount(read.total)} read` },
    { text: `${rateOf(read.rate)}/s` },
    ...(rejected === 0 ? [] : [{ text: `${formatCount(rejected)} failed`, colour: RED }]),
    ...(checkpointAge === undefined ? [] : [{ text: `checkpoint ${describeDuration(checkpointAge)} ago` }]),
    ...(eventTime === undefined ? [] : [{ text: describeEventTime(eventTime) }]),
  ]
  return [{ text: visible(name), colour: BOLD }, ...facts.flatMap((fact) => [{ text: GAP }, fact])]
}

function rowsOf({ components, waiting }: PipelineStatus, layout: Layout): Line[] {
  return [
    ...components.flatMap((component) => componentRows(component, layout)),
    ...[...waiting].flatMap(([name, reason]) => [[{ text: `${INDENT}${visible(name)}` }], waitingRow(reason, 0)]),
  ]
}

function componentRows(component: ComponentStatus, { nameWidth, columns, noteWidth }: Layout): Line[] {
  const { name, degraded, retries } = component
  const cells = columns.flatMap(({ cell, width }) => {
    const { text, colour } = cell(component)
    return [{ text: `${GAP}${' '.repeat(Math.max(0, width - text.length))}` }, { text, colour }]
  })
  const row = [{ text: `${INDENT}${padded(visible(name), nameWidth)}` }, ...cells, ...notesOf(component, noteWidth)]
  return degraded === undefined ? [row] : [row, waitingRow(degraded, retries)]
}

function padded(text: string, width: number): string {
  const shown = fitted(text, width)
  return `${shown}${' '.repeat(width - widthOf(shown))}`
}

/** As many as there is room for. */
function notesOf({ progress, left, dropped, retries, degraded }: ComponentStatus, room: number): Piece[] {
  const notes = [
    ...(progress === undefined ? [] : [describeShare(progress)]),
    ...(left === undefined || left === 0 ? [] : [`${describeDuration(left)} left`]),
    ...(dropped === 0 ? [] : [`${formatCount(dropped)} dropped`]),
    ...(retries === 0 || degraded !== undefined ? [] : [retriesOf(retries)]),
  ]
  while (GAP.length + notes.join(', ').length > room) if (notes.pop() === undefined) break
  return notes.length === 0 ? [] : [{ text: `${GAP}${notes.join(', ')}` }]
}

function waitingRow(reason: string, retries: number): Line {
  const tried = retries === 0 ? '' : ` (${retriesOf(retries)})`
  return [{ text: `${INDENT}${INDENT}waiting: ${visible(reason)}${tried}`, colour: YELLOW }]
}

function retriesOf(retries: number): string {
  return retries === 1 ? '1 retry' : `${formatCount(retries)} retries`
}

/** Some lines are left to the log, and one to the cursor. */
function heightFor(rows: number): number {
  return Math.max(1, rows - Math.max(1, Math.min(4, Math.floor(rows / 4))))
}

/** What one section does not need of its share, those behind it may have. */
function fitHeight(sections: readonly (readonly Line[])[], height: number): Line[] {
  let left = height
  return sections.flatMap((section, index) => {
    const lines = cutTo(section, Math.floor(left / (sections.length - index)))
    left -= lines.length
    return lines
  })
}

function cutTo(lines: readonly Line[], height: number): readonly Line[] {
  if (lines.length <= height || height < 2) return lines.slice(0, height)
  const shown = lines.slice(0, height - 1)
  return [...shown, [{ text: `${INDENT}… ${lines.length - shown.length} more`, colour: DIM }]]
}

function compose(line: Line, { columns, colours }: ViewSize): string {
  let room = columns
  const texts = line.map(({ text, colour }) => {
    const shown = room > 0 ? fitted(text, room) : ''
    room -= widthOf(shown)
    return colours && colour !== undefined && shown !== '' ? `\u001b[${colour}m${shown}\u001b[0m` : shown
  })
  return texts.join('').trimEnd()
}

const INDENT = '  '
const GAP = '  '
const NARROWEST_NAME = 9
const WIDEST_NAME = 24
const BOLD = 1
const DIM = 2
const RED = 31
const YELLOW = 33
