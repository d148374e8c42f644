import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { KEY_PASSWORD } from './properties.ts'

/**
 * By the system's openssl, into a folder: `client.pem` with `client.key` (under a password), signed by an authority
 * that is thrown away but for its certificate `client-ca.pem`; and `stranger.pem` with `stranger.key`, signed by itself.
 */
export async function makeClientCertificates(folder: string): Promise<void> {
  const openssl = (...args: readonly string[]) => promisify(execFile)('openssl', args, { cwd: folder })
  const selfSigned = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '3650']
  await openssl(...selfSigned, '-subj', '/CN=authority', '-keyout', 'client-ca.key', '-out', 'client-ca.pem')
  await openssl(...selfSigned, '-subj', '/CN=stranger', '-keyout', 'stranger.key', '-out', 'stranger.pem')
  const key = ['-newkey', 'rsa:2048', '-keyout', 'client.key', '-passout', `pass:${KEY_PASSWORD}`]
  await openssl('req', ...key, '-subj', '/CN=client', '-out', 'client.csr')
  const signer = ['-CA', 'client-ca.pem', '-CAkey', 'client-ca.key', '-CAcreateserial']
  await openssl('x509', '-req', '-in', 'client.csr', ...signer, '-days', '3650', '-out', 'client.pem')
}
