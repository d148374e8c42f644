import { canonical, type Json } from '../../../../engine/plugin.ts'
import type { Running } from './running.ts'

/** The different values: one of text, number or boolean as itself, a list or an object as its canonical text. */
export class Distinct implements Running {
  readonly rowBytes = 8
  readonly grows = true
  readonly #members: (Member[] | Set<Member> | undefined)[] = []

  add(row: number, value: Json): number {
    return this.#insert(row, memberOf(value))
  }

  merge(into: number, from: number): number {
    let grew = 0
    for (const member of this.#members[from] ?? []) grew += this.#insert(into, member)
    return grew
  }

  clear(row: number): number {
    let bytes = 0
    for (const member of this.#members[row] ?? []) bytes += bytesOf(member)
    this.#members[row] = undefined
    return bytes
  }

  count(row: number): number {
    const members = this.#members[row]
    return members === undefined ? 0 : Array.isArray(members) ? members.length : members.size
  }

  encode(row: number): Json {
    return [...(this.#members[row] ?? [])]
  }

  decode(row: number, kept: Json): number {
    let grew = 0
    for (const member of kept as readonly Member[]) grew += this.#insert(row, member)
    return grew
  }

  resize(rows: number): void {
    while (this.#members.length < rows) this.#members.push(undefined)
    this.#members.length = rows
  }

  /** A few members are a list: a set takes several times its room. */
  #insert(row: number, member: Member): number {
    const members = this.#members[row]
    if (members === undefined) this.#members[row] = [member]
    else if (Array.isArray(members)) {
      if (members.includes(member)) return 0
      if (members.length < FEW) members.push(member)
      else this.#members[row] = new Set([...members, member])
    } else {
      if (members.has(member)) return 0
      members.add(member)
    }
    return bytesOf(member)
  }
}

type Member = string | number | boolean

const FEW = 8

/** Texts stay themselves; what begins with NUL is something else, or a text that itself begins so. */
function memberOf(value: Json): Member {
  if (typeof value === 'string') return value.charCodeAt(0) === 0 ? `\0${value}` : value
  if (typeof value === 'number') return value + 0
  return typeof value === 'boolean' ? value : `\0=${canonical(value)}`
}

function bytesOf(member: Member): number {
  return typeof member === 'string' ? 64 + member.length : 40
}
