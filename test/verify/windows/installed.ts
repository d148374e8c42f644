/**
 * Whether DuckDB can be loaded: its native part is optional in its own package, and npm passes over it where there is none
 * for the platform.
 */
export async function isDuckDbInstalled(): Promise<boolean> {
  try {
    await import('@duckdb/node-api')
    return true
  } catch {
    return false
  }
}
