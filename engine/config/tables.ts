import { StreamrunError } from '../errors.ts'
import type { Table, Tables } from '../expression/functions/lookup-table.ts'
import { parseTable, TableError } from '../expression/functions/table-file.ts'
import type { Json, JsonObject } from '../record.ts'
import type { FaultLog } from './faults.ts'
import { type ReferenceContext, readReference } from './references.ts'
import { type Node, nodeAt } from './tree.ts'
import type { Values } from './values.ts'

/** Reads the tables of a file, all faults to the log. One whose file stays unread, or is wrong, is there and empty. */
export async function readTables(
  root: Node,
  { value, unread }: Values,
  context: ReferenceContext,
  faults: FaultLog,
): Promise<Tables> {
  const tables = new Map<string, Table>()
  for (const [name, entry] of Object.entries(mapOf(mapOf(value).tables))) {
    const { path, key } = mapOf(entry)
    const at = nodeAt(root, ['tables', name, 'path'])?.node
    const isKnown = typeof path === 'string' && at !== undefined && !unread.has(at)
    tables.set(name, isKnown ? await readTable(path, key, { name, at, context, faults }) : new Map())
  }
  return tables
}

function mapOf(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
}

interface Place {
  readonly name: string
  readonly at: Node
  readonly context: ReferenceContext
  readonly faults: FaultLog
}

async function readTable(path: string, key: Json | undefined, place: Place): Promise<Table> {
  const where = { at: place.at, path: ['tables', place.name, 'path'] }
  try {
    const text = await readReference(path, place.context)
    return parseTable(path, text, typeof key === 'string' ? key : undefined)
  } catch (error) {
    if (error instanceof TableError) {
      const { line, message, hint } = error
      const file = line === undefined ? path : `${path}:${line}`
      place.faults.add({ ...where, code: 'SR_TABLE_INVALID', message: `${file}: ${message}`, hint })
    } else if (error instanceof StreamrunError) {
      place.faults.add({ ...where, code: 'SR_FILE_REFERENCE', message: error.message })
    } else throw error
    return new Map()
  }
}
