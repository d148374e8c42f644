import type { Partition } from './partition.ts'

/** A consumer, as its group sees it. */
export interface Member {
  /** The partitions of its topics, in order. */
  readonly partitions: readonly Partition[]
  /** What is its own now. */
  readonly owned: ReadonlySet<Partition>
  /** It wants all of its partitions, or none. */
  readonly isAlone: boolean
  /** Resolves when nothing of them comes, or is committed, any more. Never rejects. */
  release(partitions: readonly Partition[]): Promise<void>
  /** What it gets in a new generation, also when that is nothing. Never rejects. */
  take(partitions: readonly Partition[]): Promise<void>
}

/**
 * The members of a group share the partitions of their topics. Whenever one comes or goes a new generation begins:
 * whoever loses partitions gives them up before anyone gets one. One generation at a time.
 */
export class Group {
  /** In the order in which they came. */
  #members: readonly Member[] = []
  #generation: Promise<void> = Promise.resolve()

  get hasMembers(): boolean {
    return this.#members.length > 0
  }

  join(member: Member): void {
    this.#members = [...this.#members, member]
    this.#beginGeneration()
  }

  /** It has given up its partitions already. */
  leave(member: Member): void {
    this.#members = this.#members.filter((other) => other !== member)
    this.#beginGeneration()
  }

  #beginGeneration(): void {
    this.#generation = this.#generation.then(async () => {
      const members = this.#members
      const shares = shareOut(members)
      await Promise.all(members.map((member) => giveUp(member, shares.get(member) ?? [])))
      // Who left meanwhile gets nothing; the next generation, which its leaving began, sees to it.
      const present = members.filter((member) => this.#members.includes(member))
      await Promise.all(present.map((member) => receive(member, shares.get(member) ?? [])))
    })
  }
}

function shareOut(members: readonly Member[]): ReadonlyMap<Member, readonly Partition[]> {
  return members.some(({ isAlone }) => isAlone) ? allToOne(members) : roundRobin(members)
}

/** To the one that has them; else to the one that has waited longest. */
function allToOne(members: readonly Member[]): ReadonlyMap<Member, readonly Partition[]> {
  const holder = members.find(({ owned }) => owned.size > 0) ?? members[0]
  return new Map(members.map((member) => [member, member === holder ? member.partitions : []]))
}

/** Over the partitions in order, among those who read their topic: the same for the same members. */
function roundRobin(members: readonly Member[]): ReadonlyMap<Member, readonly Partition[]> {
  const shares = new Map<Member, Partition[]>(members.map((member) => [member, []]))
  const partitions = [...new Set(members.flatMap((member) => member.partitions))].sort(inOrder)
  for (const [index, partition] of partitions.entries()) {
    const readers = members.filter((member) => member.partitions.includes(partition))
    const reader = readers[index % readers.length]
    if (reader !== undefined) shares.get(reader)?.push(partition)
  }
  return shares
}

function inOrder(a: Partition, b: Partition): number {
  if (a.topic !== b.topic) return a.topic < b.topic ? -1 : 1
  return a.partition - b.partition
}

async function giveUp(member: Member, share: readonly Partition[]): Promise<void> {
  const lost = [...member.owned].filter((partition) => !share.includes(partition))
  if (lost.length > 0) await member.release(lost)
}

async function receive(member: Member, share: readonly Partition[]): Promise<void> {
  await member.take(share.filter((partition) => !member.owned.has(partition)))
}
