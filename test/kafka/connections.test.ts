import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { streamrun, workFolder } from '../streamrun.ts'
import { KEY_PASSWORD, USER } from './broker/index.ts'

const PASSWORD = 'KAFKA_PASSWORD'
const LINES = ['{"n":1}', '{"n":2}', '{"n":3}']

/** A pipeline that writes three records to a topic and reads them back, over this connection. */
function thereAndBack(topic: string, connection: string): string {
  return `name: trip
connections: { shop: { type: kafka, request_timeout: 5s, ${connection} } }
sources:
  in: { type: file-tail, path: in.ndjson, follow: false }
  back: { type: kafka, topics: ${topic}, until: end }
sinks:
  there: { type: kafka, from: in, topic: ${topic}, create: { partitions: 1 } }
  out: { type: file, from: back, path: out.ndjson }
`
}

function run(cwd: string, pipeline: string, password: string = USER.password) {
  writeFileSync(join(cwd, 'in.ndjson'), LINES.map((line) => `${line}\n`).join(''))
  writeFileSync(join(cwd, 'trip.yaml'), pipeline)
  return streamrun(['trip.yaml'], { cwd, env: { [PASSWORD]: password } })
}

describe.each(Object.entries(inject('brokers')))('Apache Kafka %s', (_, addresses) => {
  const { plain, sasl, tls, saslTls, mutualTls, caFile, folder } = addresses
  const user = (mechanism: string) =>
    `sasl: { mechanism: ${mechanism}, username: ${USER.username}, password: '\${${PASSWORD}}' }`
  const ssl = 'ssl: { enabled: true, ca_file: ca.pem }'

  it.each([
    ['nothing', `brokers: '${plain}'`],
    ['TLS', `brokers: '${tls}', ${ssl}`],
    ['PLAIN', `brokers: '${sasl}', ${user('plain')}`],
    ['SCRAM-SHA-256', `brokers: '${sasl}', ${user('scram-sha-256')}`],
    ['SCRAM-SHA-512 over TLS', `brokers: '${saslTls}', ${ssl}, ${user('scram-sha-512')}`],
  ])('a pipeline gets there and back by %s', async (name, connection) => {
    const cwd = workFolder()
    cpSync(caFile, join(cwd, 'ca.pem'))
    const { code, stderr } = await run(cwd, thereAndBack(`trip-${name.toLowerCase().replaceAll(' ', '-')}`, connection))
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    expect(readFileSync(join(cwd, 'out.ndjson'), 'utf8').trimEnd().split('\n')).toEqual(LINES)
    expect(stderr).toContain('kafkajs to 127.0.0.1:')
    expect(stderr).toContain('has replication factor 1')
  })

  const certificate = (name: string) => `cert_file: ${name}.pem, key_file: ${name}.key`
  const trusting = (more: string) => `brokers: '${mutualTls}', ssl: { enabled: true, ca_file: ca.pem${more} }`

  function folderWithCertificates(): string {
    const cwd = workFolder()
    for (const name of ['ca.pem', 'client.pem', 'client.key', 'stranger.pem', 'stranger.key']) {
      cpSync(join(folder, name), join(cwd, name))
    }
    return cwd
  }

  it('a pipeline gets there and back by its own certificate, and topics and read with it', async () => {
    const cwd = folderWithCertificates()
    const key = `${certificate('client')}, key_password: '\${${PASSWORD}}'`
    const { code, stderr } = await run(cwd, thereAndBack('trip-mutual', trusting(`, ${key}`)), KEY_PASSWORD)
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    expect(stderr).not.toContain(KEY_PASSWORD)
    const look = { cwd, env: { [PASSWORD]: KEY_PASSWORD } }
    const read = await streamrun(['read', 'trip-mutual', '--pipeline', 'trip.yaml'], look)
    expect(read.stdout.trimEnd().split('\n')).toHaveLength(LINES.length)
    expect((await streamrun(['topics', '--pipeline', 'trip.yaml'], look)).stdout).toContain('trip-mutual')
  })

  it.each([
    ['no certificate', ''],
    ['one that the brokers do not know', `, ${certificate('stranger')}`],
  ])('%s ends it with 69 where the brokers ask for one', async (_name, more) => {
    const { code, stderr } = await run(folderWithCertificates(), thereAndBack('refused', trusting(more)))
    expect({ code, stderr }).toMatchObject({ code: 69, stderr: expect.stringMatching(/SR_KAFKA_(UNAVAILABLE|AUTH)/) })
  })

  it.each(['plain', 'scram-sha-256'])('a wrong password for %s ends it at once with 69, unsaid', async (mechanism) => {
    const connection = `brokers: '${sasl}', ${user(mechanism)}`
    const { code, stderr, stdout } = await run(workFolder(), thereAndBack('refused', connection), 'wrong-secret')
    expect({ code, stderr }).toMatchObject({ code: 69, stderr: expect.stringContaining('SR_KAFKA_AUTH') })
    expect(stderr + stdout).not.toContain('wrong-secret')
  })

  it('an authority that it does not know ends it with 69 and says so', async () => {
    const { code, stderr } = await run(
      workFolder(),
      thereAndBack('refused', `brokers: '${tls}', ssl: { enabled: true }`),
    )
    expect({ code, stderr }).toMatchObject({
      code: 69,
      stderr: expect.stringMatching(/SR_KAFKA_UNAVAILABLE.*certificate/),
    })
  })

  it('a topic that is not there ends a sink that may not make it with 69, and a source that reads to the end with 66', async () => {
    const connection = `brokers: '${plain}'`
    const sink = thereAndBack('missing', connection).replace(', create: { partitions: 1 }', '')
    const written = await run(workFolder(), sink)
    expect(written).toMatchObject({ code: 69, stderr: expect.stringContaining('there is no topic missing') })
    const source = thereAndBack('missing', connection)
      .replace(/ {2}there: .*\n/, '')
      .replace(/ {2}in: .*\n/, '')
    const read = await run(workFolder(), source)
    expect(read).toMatchObject({ code: 66, stderr: expect.stringContaining('there is no topic missing') })
  })
})
