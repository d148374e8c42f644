import type { Random } from '../../engine/random.ts'

/** Ten readings a millisecond, so that a window of ten seconds holds 100,000. */
const PER_MILLISECOND = 10
const FIRST_READING = Date.UTC(2026, 0, 1)

/** How many there are; `new`: each reading is the only one of its sensor. */
export type Sensors = number | 'new'

/**
 * A reading of a sensor, up to 500 ms out of order, about 120 bytes. Values are quarters, so that a plain sum
 * is exact; one in 2,000 is far from the others.
 */
export function reading(keys: Sensors, index: number, random: Random) {
  const whole = (below: number) => Math.floor(random.next() * below)
  const sensor = keys === 'new' ? index : whole(keys)
  const at = FIRST_READING + Math.floor(index / PER_MILLISECOND) - whole(500)
  const value = random.next() < 0.0005 ? 9_000 : 200 + whole(400) / 4
  return { sensor: `sensor-${sensor}`, at: new Date(at).toISOString(), value, user: `user-${whole(1000)}` }
}
