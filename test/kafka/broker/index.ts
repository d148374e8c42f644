import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { makeClientCertificates } from './certificates.ts'
import { jarsOf } from './jars.ts'
import { answers, freePorts } from './ports.ts'
import { LOGGING, type Ports, STORE_PASSWORD, serverProperties, USER } from './properties.ts'

export { KAFKA_VERSIONS } from './jars.ts'
export { KEY_PASSWORD, USER } from './properties.ts'

const run = promisify(execFile)

/**
 * Apache Kafka itself, one node on loopback ports, with the system's Java. Whatever happens to this process, the broker
 * ends with it.
 */
export class Broker {
  readonly #jars: string
  readonly #folder: string
  readonly #ports: Ports
  #process: ChildProcess | undefined

  private constructor(jars: string, folder: string, ports: Ports) {
    this.#jars = jars
    this.#folder = folder
    this.#ports = ports
  }

  static async start(version: string): Promise<Broker> {
    const jars = await jarsOf(version)
    const [plain, controller, sasl, tls, saslTls, mutualTls] = (await freePorts(6)) as [
      ...[number, number, number, number, number, number],
    ]
    const folder = mkdtempSync(join(tmpdir(), 'streamrun-kafka-'))
    const broker = new Broker(jars, folder, { plain, controller, sasl, tls, saslTls, mutualTls })
    try {
      await broker.#prepare()
      await broker.start()
      return broker
    } catch (error) {
      await broker.remove()
      throw error
    }
  }

  get address(): string {
    return `127.0.0.1:${this.#ports.plain}`
  }

  get addresses(): BrokerAddresses {
    const at = (port: number) => `127.0.0.1:${port}`
    const { plain, sasl, tls, saslTls, mutualTls } = this.#ports
    const ports = { plain: at(plain), sasl: at(sasl), tls: at(tls), saslTls: at(saslTls), mutualTls: at(mutualTls) }
    return { ...ports, caFile: this.#path('ca.pem'), folder: this.#folder }
  }

  /** Again, with what it held; resolves when it answers. */
  async start(): Promise<void> {
    const child = guarded(
      ['java', '-Xms192m', '-Xmx512m', ...this.#javaOptions(), 'kafka.Kafka', this.#path('server.properties')],
      this.#folder,
    )
    this.#process = child
    while (!(await answers(this.#ports.plain))) {
      if (child.exitCode !== null) throw new Error(`the broker ended:\n${this.#lastLines('server.log')}`)
      await new Promise((again) => setTimeout(again, 100))
    }
  }

  /** `kill -9`; resolves when it is gone. */
  async kill(): Promise<void> {
    const child = this.#process
    if (child === undefined || child.exitCode !== null) return
    const gone = new Promise((resolve) => child.once('close', resolve))
    child.stdin?.end('keep\n')
    await gone
  }

  /** One of the tools that come with Kafka, run to its end; what it printed. */
  async tool(className: string, args: readonly string[]): Promise<string> {
    const { stdout } = await run('java', ['-Xmx512m', ...this.#javaOptions(), className, ...args])
    return stdout
  }

  /** With everything that it held. */
  async remove(): Promise<void> {
    await this.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #prepare(): Promise<void> {
    writeFileSync(this.#path('server.properties'), serverProperties(this.#folder, this.#ports))
    for (const [name, text] of Object.entries(LOGGING)) writeFileSync(this.#path(name), text)
    await this.#makeCertificate()
    await makeClientCertificates(this.#folder)
    const id = randomBytes(16).toString('base64url').replace(/^-/, 'a')
    const scram = ['256', '512'].flatMap((bits) => [
      '--add-scram',
      `SCRAM-SHA-${bits}=[name=${USER.username},password=${USER.password}]`,
    ])
    const format = ['kafka.tools.StorageTool', 'format', '-t', id, '-c', this.#path('server.properties'), ...scram]
    await run('java', ['-Xmx128m', ...this.#javaOptions(), ...format])
  }

  /** Signed by itself, so that whoever trusts it as an authority trusts the broker. */
  async #makeCertificate(): Promise<void> {
    const store = ['-keystore', this.#path('server.p12'), '-storetype', 'PKCS12', '-storepass', STORE_PASSWORD]
    const names = ['-dname', 'CN=broker', '-ext', 'SAN=ip:127.0.0.1,dns:localhost', '-ext', 'bc=ca:true']
    await run('keytool', ['-genkeypair', '-alias', 'broker', '-keyalg', 'RSA', '-validity', '3650', ...names, ...store])
    await run('keytool', ['-exportcert', '-rfc', '-alias', 'broker', '-file', this.#path('ca.pem'), ...store])
  }

  #javaOptions(): string[] {
    return [
      `-Dlog4j.configuration=file:${this.#path('log4j.properties')}`,
      `-Dlog4j2.configurationFile=${this.#path('log4j2.properties')}`,
      '-cp',
      join(this.#jars, '*'),
    ]
  }

  #path(name: string): string {
    return join(this.#folder, name)
  }

  #lastLines(name: string): string {
    return readFileSync(this.#path(name), 'utf8').split('\n').slice(-30).join('\n')
  }
}

export interface BrokerAddresses {
  readonly plain: string
  readonly sasl: string
  readonly tls: string
  readonly saslTls: string
  readonly mutualTls: string
  /** With the certificates of clients (certificates.ts). */
  readonly folder: string
  /** The certificate of the authority that TLS is to be checked against. */
  readonly caFile: string
}

/**
 * A shell stands between: it kills the command when its standard input ends, which the system sees to when this process
 * goes, even by kill -9. Then it removes the folder, too, unless it was told to keep it.
 */
function guarded(command: readonly string[], folder: string): ChildProcess {
  const log = openSync(join(folder, 'server.log'), 'a')
  const guard = 'read -r order <&3; kill -9 $broker; [ "$order" = keep ] || { sleep 1; rm -rf "$folder"; }'
  const script = `exec 3<&0; folder=$1; shift; "$@" & broker=$!; { ${guard}; } 2>/dev/null & wait $broker`
  return spawn('sh', ['-c', script, 'sh', folder, ...command], { stdio: ['pipe', log, log] })
}
