import { type EventTime, explainEventTime } from './event-time.ts'
import type { ComponentMetrics, Metrics } from './metrics.ts'

/** What a pipeline did, for people: one line per component with every count that is not 0. */
export function describeSummary(pipeline: string, metrics: Metrics, seconds: number, deadLetters: string): string {
  const read = readRecords(metrics)
  const rate = seconds > 0 ? `, ${formatCount(Math.round(read / seconds))}/s` : ''
  const head = `${pipeline}: ${formatCount(read)} records in ${seconds.toFixed(1)} s${rate}`
  const shown = metrics.components.filter(({ counts }) => counts.size > 0)
  const width = Math.max(0, ...shown.map(({ name }) => name.length))
  const lines = shown.map((component) => `  ${component.name.padEnd(width)}  ${describeCounts(component)}`)
  return [head, ...lines, ...(rejectedRecords(metrics) > 0 ? [`  see ${deadLetters}`] : [])].join('\n')
}

/** The same as data. */
export function summaryData(pipeline: string, metrics: Metrics, seconds: number, exitCode: number) {
  const components = metrics.components.map(({ name, kind, counts }) => ({ name, kind, ...Object.fromEntries(counts) }))
  return { pipeline, exit_code: exitCode, seconds: Number(seconds.toFixed(3)), components }
}

/** One line for a log: what came in, how fast, what failed, how old the last checkpoint is, how far time has come. */
export function describeProgress(
  metrics: Metrics,
  before: number,
  seconds: number,
  checkpointAge: number | undefined,
  eventTime?: EventTime | undefined,
): string {
  const read = readRecords(metrics)
  const rate = formatCount(Math.round((read - before) / seconds))
  const age = checkpointAge === undefined ? '' : `, checkpoint ${(checkpointAge / 1000).toFixed(1)} s old`
  const time = eventTime === undefined ? '' : `, ${explainEventTime(eventTime)}`
  return `${formatCount(read)} records read, ${rate}/s, ${formatCount(rejectedRecords(metrics))} failed${age}${time}`
}

/** Records that came in through sources. */
export function readRecords(metrics: Metrics): number {
  return sum(
    metrics.components.filter(({ kind }) => kind === 'source'),
    'in',
  )
}

/** Records that were rejected for themselves and kept. */
export function rejectedRecords(metrics: Metrics): number {
  return sum(ofRejections(metrics), 'out')
}

/** Records that were rejected for themselves and let go, with `on_error: skip`. */
export function skippedRecords(metrics: Metrics): number {
  return sum(ofRejections(metrics), 'skipped')
}

function ofRejections({ components }: Metrics): readonly ComponentMetrics[] {
  return components.filter(({ kind }) => kind === 'dead letters')
}

function sum(components: readonly ComponentMetrics[], count: string): number {
  return components.reduce((total, component) => total + component.get(count), 0)
}

/** What every reader looks for first; other counts follow in the order in which they were first counted. */
const FIRST_COUNTS = ['in', 'out', 'failed', 'dropped']

function describeCounts({ counts }: ComponentMetrics): string {
  const names = [...FIRST_COUNTS.filter((name) => counts.has(name)), ...counts.keys()]
  return [...new Set(names)].map((name) => describeCount(name, counts.get(name) ?? 0)).join('  ')
}

function describeCount(name: string, count: number): string {
  return name === 'bytes' ? formatBytes(count) : `${name} ${formatCount(count)}`
}

/** `1,234,567`. Not `toLocaleString`: its first call takes 13 ms, which a short pipeline would feel. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}

function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10))
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`
}
