import { join } from 'node:path'

/** Where a broker listens, all on the loopback address. */
export interface Ports {
  readonly plain: number
  readonly controller: number
  readonly sasl: number
  readonly tls: number
  readonly saslTls: number
  /** TLS, and clients have to show a certificate. */
  readonly mutualTls: number
}

/** Of the one user that the secured listeners know, and of the key stores. */
export const USER = { username: 'alice', password: 'alice-secret' } as const
export const STORE_PASSWORD = 'store-secret'
/** Of the private key of the client certificate. */
export const KEY_PASSWORD = 'key-secret'

/** One node that is broker and controller, and quick about everything. */
export function serverProperties(folder: string, ports: Ports): string {
  const at = (name: string, port: number) => `${name}://127.0.0.1:${port}`
  const open = [
    at('PLAINTEXT', ports.plain),
    at('SASL_PLAINTEXT', ports.sasl),
    at('SSL', ports.tls),
    at('SASL_SSL', ports.saslTls),
    at('MUTUAL', ports.mutualTls),
  ].join(',')
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${ports.controller}
listeners=${open},${at('CONTROLLER', ports.controller)}
advertised.listeners=${open}
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SSL:SSL,SASL_SSL:SASL_SSL,MUTUAL:SSL
log.dirs=${join(folder, 'data')}
num.partitions=1
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=5
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=5
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
# A broker that was killed is let back in after this long; 9 s by default.
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
auto.create.topics.enable=false
num.network.threads=2
num.io.threads=2
log.cleaner.dedupe.buffer.size=16777216
log.retention.check.interval.ms=1000
log.cleaner.backoff.ms=200
transaction.abort.timed.out.transaction.cleanup.interval.ms=500
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
${['sasl_plaintext', 'sasl_ssl'].map(saslProperties).join('')}ssl.keystore.type=PKCS12
ssl.keystore.location=${join(folder, 'server.p12')}
ssl.keystore.password=${STORE_PASSWORD}
ssl.key.password=${STORE_PASSWORD}
ssl.client.auth=none
listener.name.mutual.ssl.client.auth=required
listener.name.mutual.ssl.truststore.type=PEM
listener.name.mutual.ssl.truststore.location=${join(folder, 'client-ca.pem')}
`
}

function saslProperties(listener: string): string {
  const modules = 'org.apache.kafka.common.security'
  const scram = `${modules}.scram.ScramLoginModule required;`
  const plain = `${modules}.plain.PlainLoginModule required user_${USER.username}="${USER.password}";`
  return `listener.name.${listener}.plain.sasl.jaas.config=${plain}
listener.name.${listener}.scram-sha-256.sasl.jaas.config=${scram}
listener.name.${listener}.scram-sha-512.sasl.jaas.config=${scram}
`
}

/** For 3.x and for 4.x, each of which reads its own. */
export const LOGGING = {
  'log4j.properties': `log4j.rootLogger=WARN, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d{ISO8601} %p %c{1}: %m%n
`,
  'log4j2.properties': `rootLogger.level=warn
rootLogger.appenderRefs=out
rootLogger.appenderRef.out.ref=out
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601} %p %c{1}: %m%n
`,
} as const
