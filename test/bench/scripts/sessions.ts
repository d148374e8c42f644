import { foldLines, type Write } from './fold-lines.ts'

interface Session {
  readonly sensor: string
  start: number
  end: number
  n: number
  sum: number
  users: Set<string>
}

/** How often it looks for sessions that have ended, in event time. */
const SWEEP = 1000

/** Count, sum, average and distinct users of sessions, by sensor: INPUT OUTPUT GAP OUT_OF_ORDERNESS. */
foldLines((args) => {
  const [gap = 0, outOfOrderness = 0] = args.map(Number)
  const open = new Map<string, Session[]>()
  let newest = Number.NEGATIVE_INFINITY
  let swept = Number.NEGATIVE_INFINITY

  return {
    line(line, write) {
      const { sensor, at, value, user } = JSON.parse(line)
      const time = Date.parse(at)
      const watermark = newest - outOfOrderness
      if (watermark >= swept + SWEEP) {
        close(watermark, write)
        swept = watermark
      }
      const session = sessionOf(sensor, time)
      session.n += 1
      session.sum += value
      session.users.add(user)
      if (time > newest) newest = time
    },
    end: (write) => close(Number.POSITIVE_INFINITY, write),
  }

  function sessionOf(sensor: string, time: number): Session {
    const sessions = open.get(sensor) ?? []
    const touched = sessions.filter(({ start, end }) => time < end && start < time + gap)
    const [first, ...others] = touched
    if (first === undefined) {
      const session = { sensor, start: time, end: time + gap, n: 0, sum: 0, users: new Set<string>() }
      open.set(sensor, [...sessions, session])
      return session
    }
    first.start = Math.min(first.start, time)
    first.end = Math.max(first.end, time + gap)
    for (const other of others) merge(first, other)
    if (others.length > 0)
      open.set(
        sensor,
        sessions.filter((session) => !others.includes(session)),
      )
    return first
  }

  function close(watermark: number, write: Write): void {
    const ended: Session[] = []
    for (const [sensor, sessions] of open) {
      const left = sessions.filter((session) => session.end > watermark || ended.push(session) === 0)
      if (left.length === 0) open.delete(sensor)
      else if (left.length < sessions.length) open.set(sensor, left)
    }
    for (const { sensor, start, end, n, sum, users } of ended.sort(byEndAndSensor)) {
      const bounds = { window_start: new Date(start).toISOString(), window_end: new Date(end).toISOString() }
      write(JSON.stringify({ ...bounds, sensor, n, sum, average: sum / n, users: users.size }))
    }
  }
})

function merge(into: Session, other: Session): void {
  into.start = Math.min(into.start, other.start)
  into.end = Math.max(into.end, other.end)
  into.n += other.n
  into.sum += other.sum
  for (const user of other.users) into.users.add(user)
}

function byEndAndSensor(a: Session, b: Session): number {
  return a.end - b.end || (a.sensor < b.sensor ? -1 : 1)
}
