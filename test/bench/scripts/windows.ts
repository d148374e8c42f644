import { foldLines, type Write } from './fold-lines.ts'

interface Group {
  n: number
  sum: number
  readonly users: Set<string>
}

/** Count, sum, average and distinct users of windows on a grid, by sensor: INPUT OUTPUT EVERY SLIDE OUT_OF_ORDERNESS. */
foldLines((args) => {
  const [every = 0, slide = 0, outOfOrderness = 0] = args.map(Number)
  const windows = new Map<number, Map<string, Group>>()
  let newest = Number.NEGATIVE_INFINITY
  let nextEnd = Number.POSITIVE_INFINITY

  return {
    line(line, write) {
      const { sensor, at, value, user } = JSON.parse(line)
      const time = Date.parse(at)
      if (nextEnd <= newest - outOfOrderness) close(newest - outOfOrderness, write)
      for (let start = time - (time % slide); start > time - every; start -= slide) add(start, sensor, value, user)
      if (time > newest) newest = time
    },
    end: (write) => close(Number.POSITIVE_INFINITY, write),
  }

  function add(start: number, sensor: string, value: number, user: string): void {
    if (start + every <= newest - outOfOrderness) return
    let groups = windows.get(start)
    if (groups === undefined) {
      groups = new Map()
      windows.set(start, groups)
      nextEnd = Math.min(nextEnd, start + every)
    }
    let group = groups.get(sensor)
    if (group === undefined) {
      group = { n: 0, sum: 0, users: new Set() }
      groups.set(sensor, group)
    }
    group.n += 1
    group.sum += value
    group.users.add(user)
  }

  function close(watermark: number, write: Write): void {
    const ended = [...windows.keys()].filter((start) => start + every <= watermark).sort((a, b) => a - b)
    for (const start of ended) {
      const bounds = { window_start: new Date(start).toISOString(), window_end: new Date(start + every).toISOString() }
      const groups = windows.get(start) as Map<string, Group>
      for (const sensor of [...groups.keys()].sort()) {
        const { n, sum, users } = groups.get(sensor) as Group
        write(JSON.stringify({ ...bounds, sensor, n, sum, average: sum / n, users: users.size }))
      }
      windows.delete(start)
    }
    nextEnd = Math.min(...[...windows.keys()].map((start) => start + every))
  }
})
