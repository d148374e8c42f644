import { option } from '../../../engine/plugin.ts'

export const options = {
  brokers: option.text({
    description:
      '`host:port` of one or more brokers, with commas between them; or `embedded`: topics in the folder `topics_dir` of this machine, without a broker.',
    default: 'embedded',
    examples: ['${KAFKA_BROKERS:-embedded}', 'kafka-1:9092,kafka-2:9092'],
  }),
  topics_dir: option.text({
    description: 'The folder of embedded topics, relative to the working directory; unused with brokers.',
    default: '.streamrun/topics',
    examples: ['/var/lib/streamrun/topics'],
  }),
  client_id: option.text({
    description: 'The name that brokers know this client by, in their logs and quotas; unused with embedded topics.',
    default: 'streamrun',
    examples: ['shop-analytics'],
  }),
  ssl: option.group(
    {
      enabled: option.boolean({ description: 'Talks to the brokers by TLS.', default: false }),
      ca_file: option.optional(
        option.text({
          description:
            'The certificates of the authorities that the brokers are checked against, as PEM, relative to this file. Left out: those that the system trusts.',
          examples: ['certs/ca.pem'],
        }),
      ),
      cert_file: option.optional(
        option.text({
          description: 'The certificate to show to the brokers, as PEM, relative to this file.',
          examples: ['certs/client.pem'],
        }),
      ),
      key_file: option.optional(
        option.text({ description: 'Its private key, as PEM, relative to this file.', examples: ['certs/client.key'] }),
      ),
      key_password: option.optional(
        option.text({
          description: 'The password of the private key.',
          examples: ['${KAFKA_KEY_PASSWORD}'],
          secret: true,
        }),
      ),
    },
    { description: 'TLS; unused with embedded topics.' },
  ),
  sasl: option.group(
    {
      mechanism: option.optional(
        option.choice(['plain', 'scram-sha-256', 'scram-sha-512'], {
          description:
            'How it proves who it is. Left out: it does not. `plain` shows the password, so use it with TLS.',
        }),
      ),
      username: option.optional(option.text({ description: 'The name of the user.', examples: ['analytics'] })),
      password: option.optional(
        option.text({ description: 'The password of the user.', examples: ['${KAFKA_PASSWORD}'], secret: true }),
      ),
    },
    { description: 'Who it is to the brokers; unused with embedded topics.' },
  ),
  connect_timeout: option.duration({ description: 'How long a connection may take to come about.', default: '10s' }),
  request_timeout: option.duration({ description: 'How long a broker may take to answer.', default: '30s' }),
  session_timeout: option.duration({
    description:
      'A member that says nothing for so long is out of its group, and its partitions go to the others. At least `6s`.',
    default: '30s',
  }),
}
