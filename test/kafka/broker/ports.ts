import { connect, createServer, type Server } from 'node:net'

/** Ports of the loopback address that nobody listens on. All are held until all are found, so that none comes twice. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listen))
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
  return ports
}

function listen(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(server))
  })
}

/** Says whether a broker answers there: asks which versions of the protocol it speaks (ApiVersions, version 0). */
export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(2000, () => end(false))
    socket.on('error', () => end(false))
    socket.on('close', () => end(false))
    socket.on('connect', () => socket.write(REQUEST))
    socket.on('data', () => end(true))
  })
}

/** Length, api key 18, version 0, correlation id 7, client id `ping`. */
const REQUEST = Buffer.from('0000000e0012000000000007000470696e67', 'hex')
