import { isIPv4, isIPv6 } from 'node:net'
import { FunctionError } from './errors.ts'
import type { StreamrunFunction } from './index.ts'
import { remembered } from './remembered.ts'

export const addressFunctions: Readonly<Record<string, StreamrunFunction>> = {
  cidr_contains: {
    signature: '<(sa)s-:b>',
    parameters: 'networks, address',
    about:
      'Whether an IP address lies in a network such as `10.0.0.0/8` or `2001:db8::/32`, or in one of a list of them; nothing where the text is no address. An IPv4 address inside of IPv6 (`::ffff:10.0.0.1`) is the IPv4 address.',
    examples: [
      { expression: '$cidr_contains("10.0.0.0/8", ip)', input: { ip: '10.20.30.40' }, result: true },
      { expression: '$cidr_contains(["10.0.0.0/8", "fd00::/8"], "192.168.0.1")', result: false },
      { expression: '$cidr_contains("10.0.0.0/8", "localhost")', result: undefined },
    ],
    implement: () => {
      const networkOf = remembered(parseNetwork)
      return (networks?: unknown, address?: string) => contains(networks, address, networkOf)
    },
    check: ([networks]) => {
      const wrong = [networks].flat().find((text) => typeof text === 'string' && readNetwork(text) === undefined)
      return wrong === undefined
        ? undefined
        : { argument: 0, message: `"${wrong}" is no network: write address/length` }
    },
  },
}

interface Network {
  /** 16 bits each: two of IPv4, eight of IPv6. */
  readonly groups: readonly number[]
  readonly length: number
}

function contains(networks: unknown, address: string | undefined, networkOf: (text: string) => Network) {
  if (networks === undefined || address === undefined) return undefined
  const groups = parseAddress(address)
  if (groups === undefined) return undefined
  return [networks].flat().some((network) => {
    if (typeof network !== 'string') throw new FunctionError('T0412')
    return isWithin(groups, networkOf(network))
  })
}

function isWithin(address: readonly number[], { groups, length }: Network): boolean {
  if (address.length !== groups.length) return false
  return groups.every((group, index) => {
    const bits = Math.min(16, Math.max(0, length - index * 16))
    return (group ^ (address[index] as number)) >>> (16 - bits) === 0
  })
}

function parseNetwork(text: string): Network {
  const network = readNetwork(text)
  if (network === undefined) throw new FunctionError('D4006')
  return network
}

/** `::ffff:10.0.0.0/104` is `10.0.0.0/8`. */
function readNetwork(text: string): Network | undefined {
  const [, address = '', digits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? []
  const groups = parseAddress(address)
  if (groups === undefined) return undefined
  const isMapped = groups.length === 2 && address.includes(':')
  const length = Number(digits) - (isMapped ? 96 : 0)
  return length >= 0 && length <= groups.length * 16 ? { groups, length } : undefined
}

function parseAddress(text: string): readonly number[] | undefined {
  if (isIPv4(text)) return groupsOfIPv4(text)
  // A zone, as in `fe80::1%eth0`, is no part of the address.
  if (!isIPv6(text) || text.includes('%')) return undefined
  const groups = groupsOfIPv6(text)
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  return isMapped ? groups.slice(6) : groups
}

function groupsOfIPv4(text: string): number[] {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number)
  return [a * 256 + b, c * 256 + d]
}

function groupsOfIPv6(text: string): number[] {
  const [head = '', tail] = text.split('::')
  const before = partsOf(head)
  const after = tail === undefined ? [] : partsOf(tail)
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after]
}

function partsOf(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((part) => (part.includes('.') ? groupsOfIPv4(part) : [Number.parseInt(part, 16)]))
}
