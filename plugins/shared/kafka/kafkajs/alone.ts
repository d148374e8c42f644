import type { Assignment, GroupMember, PartitionAssigner } from 'kafkajs'
import type { Library } from './library.ts'

/**
 * Gives all partitions to one member: to the one that had them in the latest generation, else to the first by its id.
 * Members say so of themselves, with the number of that generation: whoever was away, and had them before that, is behind.
 */
export function aloneAssigner({ protocol }: Library, heldIn: () => number | undefined): PartitionAssigner {
  return ({ cluster }) => ({
    name: 'streamrun-alone',
    version: 0,
    async assign({ members, topics }) {
      const holder = members.map((member) => claimOf(member, protocol)).toSorted(byClaim)[0]
      if (holder === undefined) return []
      const assignment: Assignment = {}
      for (const topic of topics) {
        assignment[topic] = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId)
      }
      const { memberId } = holder
      return [{ memberId, memberAssignment: protocol.MemberAssignment.encode({ version: 0, assignment, userData }) }]
    },
    protocol({ topics }) {
      const metadata = protocol.MemberMetadata.encode({ version: 0, topics, userData: encodeClaim(heldIn()) })
      return { name: 'streamrun-alone', metadata }
    },
  })
}

interface Claim {
  readonly memberId: string
  /** -1: it never had them. */
  readonly heldIn: number
}

function claimOf({ memberId, memberMetadata }: GroupMember, { MemberMetadata }: Library['protocol']): Claim {
  const said = MemberMetadata.decode(memberMetadata)?.userData
  return { memberId, heldIn: said !== undefined && said.length === CLAIM_BYTES ? said.readInt32BE() : -1 }
}

function byClaim(a: Claim, b: Claim): number {
  if (a.heldIn !== b.heldIn) return b.heldIn - a.heldIn
  return a.memberId < b.memberId ? -1 : 1
}

function encodeClaim(heldIn: number | undefined): Buffer {
  const claim = Buffer.alloc(CLAIM_BYTES)
  claim.writeInt32BE(heldIn ?? -1)
  return claim
}

const CLAIM_BYTES = 4
/** Nothing is said with an assignment. */
const userData = Buffer.alloc(0)
