import type { Random } from '../random.ts'
import type { FileStat } from '../storage.ts'

/** A file of `memoryStorage`: its content, and what of it is durable. */
export class MemoryFile {
  content: Buffer
  readonly #inode: string
  #durable: Buffer
  #unsynced: FileChange[] = []

  constructor(inode: string, content: Buffer = Buffer.alloc(0)) {
    this.#inode = inode
    this.content = content
    this.#durable = content
  }

  write(bytes: Buffer, position: number): void {
    this.#change({ kind: 'write', bytes, position })
  }

  truncate(length: number): void {
    this.#change({ kind: 'truncate', length })
  }

  sync(): void {
    this.#durable = this.content
    this.#unsynced = []
  }

  stat(): FileStat {
    return { kind: 'file', size: this.content.length, inode: this.#inode, createdMs: 0, modifiedMs: 0 }
  }

  /** The file as a power cut may leave it. */
  crash(random: Random): MemoryFile {
    const kept = firstFew(this.#unsynced, random)
    const last = kept.pop()
    const whole = kept.reduce(applyChange, this.#durable)
    return new MemoryFile(this.#inode, last === undefined ? whole : applyChange(whole, tear(last, random)))
  }

  #change(change: FileChange): void {
    this.#unsynced.push(change)
    this.content = applyChange(this.content, change)
  }
}

/** The changes that reached the disk: some first ones. */
export function firstFew<T>(changes: readonly T[], random: Random): T[] {
  return changes.slice(0, Math.floor(random.next() * (changes.length + 1)))
}

type FileChange =
  | { readonly kind: 'write'; readonly bytes: Buffer; readonly position: number }
  | { readonly kind: 'truncate'; readonly length: number }

/** A new buffer: the one before may be what is durable. */
function applyChange(content: Buffer, change: FileChange): Buffer {
  if (change.kind === 'truncate') return resized(content, change.length)
  const grown = resized(content, Math.max(content.length, change.position + change.bytes.length))
  change.bytes.copy(grown, change.position)
  return grown
}

function resized(content: Buffer, length: number): Buffer {
  const copy = Buffer.alloc(length)
  content.copy(copy)
  return copy
}

/** A write, half of the time, is cut or has zeros from some byte on. */
function tear(change: FileChange, random: Random): FileChange {
  if (change.kind === 'truncate' || random.next() < 0.5) return change
  const torn = change.bytes.subarray(0, Math.floor(random.next() * change.bytes.length))
  return { ...change, bytes: random.next() < 0.5 ? torn : resized(torn, change.bytes.length) }
}
