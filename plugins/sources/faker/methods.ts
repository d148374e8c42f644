import type { Faker } from '@faker-js/faker'
import type { Json } from '../../../engine/plugin.ts'
import { quicken } from './quick.ts'
import type { RecordRandom } from './record-random.ts'

/** The methods of faker in one locale, by their paths. */
export type Methods = ReadonlyMap<string, Method>
export type Method = (...args: readonly Json[]) => unknown

/** What `date.recent` and the like look back from: records must not depend on when they are made. */
const REFERENCE_DATE = '2026-01-01T00:00:00.000Z'

/**
 * Loads one locale, undefined when there is none of this name, and makes its methods draw from `random`. The package as
 * a whole takes 400 ms to load, one locale a sixth of that; as only the whole exports the class, it is taken from the
 * instance that the locale comes with.
 */
export async function loadMethods(locale: string, random: RecordRandom): Promise<Methods | undefined> {
  const ready = await loadLocale(locale)
  if (ready === undefined) return undefined
  const FakerClass = ready.constructor as typeof Faker
  const faker = new FakerClass({
    locale: ready.rawDefinitions,
    randomizer: { next: () => random.next(), seed: () => {} },
  })
  faker.setDefaultRefDate(REFERENCE_DATE)
  quicken(faker, random)
  return methodsOf(faker)
}

/** Takes a while: it loads the package as a whole. */
export async function localeNames(): Promise<readonly string[]> {
  const { allLocales } = await import('@faker-js/faker')
  return Object.keys(allLocales)
}

/** What a method returns as it stands in a record: dates as ISO text, large integers as text. */
export function toJson(made: unknown): Json | undefined {
  switch (typeof made) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return made
    case 'number':
      return Number.isFinite(made) ? made : null
    case 'bigint':
      return String(made)
    case 'object':
      return objectToJson(made)
    default:
      throw new TypeError(`it makes a ${typeof made}, which has no form in JSON`)
  }
}

async function loadLocale(locale: string): Promise<Faker | undefined> {
  // No path that leads anywhere else.
  if (!/^[A-Za-z_]+$/.test(locale)) return undefined
  try {
    const module = (await import(`@faker-js/faker/locale/${locale}`)) as { readonly faker: Faker }
    return module.faker
  } catch (error) {
    if ((await localeNames()).includes(locale)) throw error
    return undefined
  }
}

/** Its modules bind their methods to themselves; nothing that is only inherited is a method to call by its path. */
export function methodsOf(faker: Faker): Methods {
  const methods = new Map<string, Method>()
  for (const [moduleName, module] of Object.entries(faker)) {
    if (typeof module !== 'object' || module === null) continue
    for (const [name, method] of Object.entries(module)) {
      if (typeof method === 'function') methods.set(`${moduleName}.${name}`, method as Method)
    }
  }
  return methods
}

function objectToJson(made: object | null): Json {
  if (made === null) return null
  if (made instanceof Date) return made.toISOString()
  if (Array.isArray(made)) return made.map((item) => toJson(item) ?? null)
  const entries = Object.entries(made).map(([name, value]) => [name, toJson(value)] as const)
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Json
}
