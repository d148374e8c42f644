import { isReached, type Result, type Row, type Unit } from './bench.ts'

export interface JobRow extends Row {
  readonly job: string
}

/** The rows as text, columns aligned. */
export function renderTable(rows: readonly JobRow[]): string {
  return aligned([HEADINGS, ...rows.map(cellsOf)], LEFT)
}

/** Columns of equal width, those named in `left` to the left. */
export function aligned(cells: readonly (readonly string[])[], left: ReadonlySet<number>): string {
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  return cells.map((row) => renderRow(row, widths, left)).join('\n')
}

const HEADINGS = ['job', 'who', 'events/s', 'CPU s', 'events/CPU s', 'peak MB', 'result', 'target', 'reached']
/** The columns of words stand left, those of figures right. */
const LEFT = new Set([0, 1])

function cellsOf({ job, who, eventsPerSecond, cpuSeconds, eventsPerCpuSecond, peakBytes, result }: JobRow): string[] {
  return [
    job,
    who,
    figure(eventsPerSecond, 0),
    figure(cpuSeconds, 2),
    figure(eventsPerCpuSecond, 0),
    figure(peakBytes === undefined ? undefined : peakBytes / 1e6, 0),
    ...(result === undefined ? ['', '', ''] : resultCells(result)),
  ]
}

function resultCells(result: Result): string[] {
  const { of, value, unit, target } = result
  const shown = quantity(value, unit)
  const reached = isReached(result)
  return [
    of === undefined ? shown : `${of} ${shown}`,
    target === undefined ? 'report' : `${target.kind} ${quantity(target.value, unit)}`,
    reached === undefined ? '' : reached ? 'yes' : 'NO',
  ]
}

function quantity(value: number, unit: Unit): string {
  const digits = unit === '/s' || unit === 'MB' ? 0 : 2
  return `${figure(value, digits)}${unit === '/s' ? '' : ' '}${unit}`
}

export function figure(value: number | undefined, digits: number): string {
  if (value === undefined) return ''
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

function renderRow(cells: readonly string[], widths: readonly number[], left: ReadonlySet<number>): string {
  const padded = cells.map((cell, column) => {
    const width = widths[column] ?? 0
    return left.has(column) ? cell.padEnd(width) : cell.padStart(width)
  })
  return padded.join('  ').trimEnd()
}
