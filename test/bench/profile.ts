import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compiled, type Program } from './measure.ts'
import { STREAMRUN } from './pipelines.ts'

/**
 * The same program, writing a CPU profile into `folder`: from the files that the bundle is made of, as their paths say
 * what a function belongs to.
 */
export function profiled(program: Program, folder: string): Program {
  const script = program.script === STREAMRUN ? compiled('../../engine/cli/main.js') : program.script
  return { ...program, script, nodeOptions: ['--cpu-prof', '--cpu-prof-dir', folder, '--cpu-prof-interval', '500'] }
}

/** Where the busy time of the main thread went, by the time that functions took themselves. Shares of 1, largest first. */
export interface CpuProfile {
  /** `jsonata`, `engine`, `plugins`, `node`, `(garbage collector)`, `(program)` (native code), ... */
  readonly areas: readonly Share[]
  readonly functions: readonly Share[]
  /** The share of everything that was on the stack below a function of an area: what it called is counted in. */
  within(area: string): number
}

export interface Share {
  readonly name: string
  readonly share: number
}

/** Reads the one profile in a folder. */
export function readProfile(folder: string): CpuProfile {
  const file = readdirSync(folder).find((name) => name.endsWith('.cpuprofile'))
  if (file === undefined) throw new Error(`no CPU profile in ${folder}`)
  return summarise(JSON.parse(readFileSync(join(folder, file), 'utf8')) as RawProfile)
}

/** A profile as lines for people. */
export function describeProfile({ areas, functions }: CpuProfile): string[] {
  const percent = ({ name, share }: Share) => `${(share * 100).toFixed(1).padStart(5)} %  ${name}`
  return [...areas.filter(({ share }) => share >= 0.005).map(percent), '', ...functions.slice(0, 20).map(percent)]
}

/** https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile; times in microseconds. */
interface RawProfile {
  readonly nodes: readonly RawNode[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

interface RawNode {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  readonly children?: readonly number[]
}

function summarise({ nodes, samples, timeDeltas }: RawProfile): CpuProfile {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const own = ownTimes(byId, samples, timeDeltas)
  const total = [...own.values()].reduce((sum, time) => sum + time, 0)
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)))
  const isWithin = (node: RawNode | undefined, area: string): boolean =>
    node !== undefined && (areaOf(node) === area || isWithin(byId.get(parents.get(node.id) ?? -1), area))
  return {
    areas: sharesBy(own, total, areaOf),
    functions: sharesBy(own, total, placeOf),
    within: (area) => [...own].reduce((sum, [node, time]) => sum + (isWithin(node, area) ? time : 0), 0) / total,
  }
}

/** Time in the function itself, without what it called and without waiting. */
function ownTimes(
  byId: ReadonlyMap<number, RawNode>,
  samples: readonly number[],
  timeDeltas: readonly number[],
): Map<RawNode, number> {
  const own = new Map<RawNode, number>()
  for (const [index, id] of samples.entries()) {
    const node = byId.get(id)
    if (node === undefined || node.callFrame.functionName === '(idle)') continue
    own.set(node, (own.get(node) ?? 0) + (timeDeltas[index] ?? 0))
  }
  return own
}

function sharesBy(own: ReadonlyMap<RawNode, number>, total: number, nameOf: (node: RawNode) => string): Share[] {
  const times = new Map<string, number>()
  for (const [node, time] of own) times.set(nameOf(node), (times.get(nameOf(node)) ?? 0) + time)
  return [...times].map(([name, time]) => ({ name, share: time / total })).toSorted((a, b) => b.share - a.share)
}

function areaOf({ callFrame: { functionName, url } }: RawNode): string {
  if (url === '') return functionName.startsWith('(') ? functionName : 'V8 and Node built-ins'
  if (url.startsWith('node:')) return 'node'
  return /node_modules\/([^/]+)\//.exec(url)?.[1] ?? /dist\/(engine|plugins)\//.exec(url)?.[1] ?? 'other'
}

function placeOf({ callFrame: { functionName, url, lineNumber } }: RawNode): string {
  const name = functionName || '(anonymous)'
  return url === '' ? name : `${name}  ${url.replace(/^.*\/(dist|node_modules)\//, '')}:${lineNumber + 1}`
}
