import type { Json, JsonObject } from '../../engine/plugin.ts'

/** The names on the way to a field, outermost first. */
export type Path = readonly string[]

/**
 * Reads `customer.region`; a name with dots stands in backquotes: `` `http.status`.code ``. Undefined for text that is
 * no path.
 */
export function parsePath(text: string): Path | undefined {
  const name = '(?:`[^`]+`|[^.`]+)'
  if (!new RegExp(`^${name}(?:\\.${name})*$`).test(text)) return undefined
  return [...text.matchAll(/`([^`]+)`|([^.`]+)/g)].map(([, quoted, plain]) => quoted ?? (plain as string))
}

/** How the path is written. */
export function pathText(path: Path): string {
  return path.map((name) => (/[.`]/.test(name) ? `\`${name}\`` : name)).join('.')
}

/** A copy with the field at `path`, objects on the way made where there are none; undefined where something else is. */
export function withField(object: JsonObject, path: Path, value: Json): JsonObject | undefined {
  const [name, ...rest] = path as [string, ...string[]]
  if (rest.length === 0) return withOwn(object, name, value)
  const inner = Object.hasOwn(object, name) ? (object[name] as Json) : {}
  const changed = isObject(inner) ? withField(inner, rest, value) : undefined
  return changed && withOwn(object, name, changed)
}

/** A copy without the field at `path`; the same object when it is not there. */
export function withoutField(object: JsonObject, path: Path): JsonObject {
  const [name, ...rest] = path as [string, ...string[]]
  if (!Object.hasOwn(object, name)) return object
  if (rest.length === 0) return withoutOwn(object, name)
  const inner = object[name] as Json
  if (!isObject(inner)) return object
  const changed = withoutField(inner, rest)
  return changed === inner ? object : withOwn(object, name, changed)
}

export function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A computed name in a literal makes an own property, even for `__proto__`; an assignment would not (CF-10). */
function withOwn(object: JsonObject, name: string, value: Json): JsonObject {
  return { ...object, [name]: value }
}

function withoutOwn(object: JsonObject, name: string): JsonObject {
  const { [name]: _, ...others } = object
  return others
}
