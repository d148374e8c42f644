import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench, Job } from '../bench.ts'
import { hashFile, medians, rowOf } from '../compare.ts'
import { measure, type Program, type Usage } from '../measure.ts'
import { program } from '../pipelines.ts'
import { describeProfile, profiled, readProfile } from '../profile.ts'

/** Records of ten fields, one of every kind that shops need; every run must make the same bytes. */
export const faker: Job = {
  name: 'faker',
  summary: 'made-up events of ten fields, one of them an expression over others, to a file, as fast as they come',
  async run(bench) {
    const count = Math.ceil(bench.count / 4)
    const runs: Usage[] = []
    const hashes = new Set<string>()
    for (let run = 1; run <= bench.runs; run++) {
      bench.say(`run ${run} of ${bench.runs}`)
      const folder = bench.folder()
      runs.push(await measure(generator(count, folder)))
      hashes.add(await hashFile(join(folder, 'output.ndjson')))
    }
    if (hashes.size > 1) throw new Error('the same seed has made other records')
    const figures = rowOf('streamrun', count, medians(runs))
    const perSecond = figures.eventsPerSecond ?? 0
    return {
      rows: [{ ...figures, result: { value: perSecond, unit: '/s', target: { kind: 'at least', value: 50_000 } } }],
      ...(bench.profile && { notes: await profileNotes(bench, count) }),
    }
  },
}

function generator(count: number, folder: string): Program {
  return program(
    `name: bench
sources:
  events:
    type: faker
    seed: 7
    count: ${count}
    fields:
      event_id: { faker: string.uuid }
      number: { sequence: { start: 1 } }
      event_type: { weighted: { view: 60, cart: 25, purchase: 15 } }
      user: { pool: 5000, of: { object: { id: { sequence: { format: "user-%05d" } }, name: { faker: person.fullName } } } }
      city: { faker: location.city }
      quantity: { faker: number.int, args: [{ min: 1, max: 5 }] }
      price: { faker: commerce.price, args: [{ min: 1, max: 400 }] }
      country: { choice: [DE, FR, NL, ES] }
      coupon: { faker: string.alphanumeric, args: [8], optional: 0.7 }
      total: { expression: '$round(quantity * $number(price), 2)' }
sinks:
  output: { type: file, path: ${JSON.stringify(join(folder, 'output.ndjson'))} }
`,
    folder,
  )
}

async function profileNotes(bench: Bench, count: number): Promise<string[]> {
  bench.say('profiling')
  const folder = bench.folder()
  const profiles = join(folder, 'profiles')
  mkdirSync(profiles)
  await measure(profiled(generator(count, folder), profiles))
  return ['streamrun, busy time of its main thread:', ...describeProfile(readProfile(profiles))]
}
