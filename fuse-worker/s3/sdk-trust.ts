/**
 * Which certificate authorities a connection trusts: Node's own, the operating system's, those of NODE_EXTRA_CA_CERTS
 * (an explicit list would otherwise replace them) and the account's PEM file. Made once an account: parsing three hundred
 * certificates for every connection would cost more than the handshake.
 */
import { readFileSync } from 'node:fs'
import tls from 'node:tls'
import type { SecureContext } from 'node:tls'
import { ProblemError } from '../../contracts/problem.ts'
import { t } from '../../language/language.ts'

/** Where Debian, Fedora, SUSE, Alpine and the BSDs keep the system's authorities. */
const systemBundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

/** Newer than the oldest Node this runs on, and newer than its type declarations. */
type TlsWithSystemStore = { getCACertificates?: (type: 'system') => string[] }

export type TrustOptions = { caFile?: string | undefined; extraCaFile?: string | undefined }

/** Throws ProblemError when the account's own file cannot be used; the others are best effort, as Node treats them. */
export function createTrust({ caFile, extraCaFile }: TrustOptions): SecureContext {
  const authorities = [...tls.rootCertificates, ...systemAuthorities(), ...readOptional(extraCaFile)]
  if (caFile !== undefined) authorities.push(readAccountFile(caFile))
  return tls.createSecureContext({ ca: authorities })
}

function systemAuthorities(): string[] {
  const { getCACertificates } = tls as TlsWithSystemStore
  if (getCACertificates) return getCACertificates('system')
  for (const path of systemBundles) {
    const found = readOptional(path)
    if (found.length > 0) return found
  }
  return []
}

function readOptional(path: string | undefined): string[] {
  if (path === undefined || path === '') return []
  try {
    return [readFileSync(path, 'utf8')]
  } catch {
    return []
  }
}

function readAccountFile(path: string): string {
  const remedy = t('store.trust-unusable.remedy')
  try {
    const pem = readFileSync(path, 'utf8')
    if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new Error('no certificate in the file')
    tls.createSecureContext({ ca: pem })
    return pem
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause)
    const message = t('store.trust-unusable', { path })
    throw new ProblemError({ code: 'tls-untrusted', message, remedy, detail }, { cause })
  }
}
