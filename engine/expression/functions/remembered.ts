/** Calls `make` once for each text, as long as there are few of them: patterns and the like are, but data may hold them. */
export function remembered<T>(make: (text: string) => T): (text: string) => T {
  const made = new Map<string, T>()
  return (text) => {
    const known = made.get(text)
    if (known !== undefined) return known
    const fresh = make(text)
    if (made.size >= MOST_REMEMBERED) made.clear()
    made.set(text, fresh)
    return fresh
  }
}

const MOST_REMEMBERED = 256
