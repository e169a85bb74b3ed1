import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { execa } from 'execa'
import { z } from 'zod'
import { messageOf, UserError } from '../../errors.ts'
import type { ProtocolUpstream } from '../protocol.ts'

type Environment = Readonly<Record<string, string | undefined>>

const settingsSchema = z.object({ GOPROXY: z.string() })

/**
 * The module proxies that the machine's own `go` is set up for; null where it has none. What GOPROXY says beside them (`direct`, `off`) leads to
 * version control hosts or nowhere, which the gateway never asks.
 */
export async function readGoUpstream(folder: string, environment: Environment): Promise<ProtocolUpstream | null> {
  const ran = await execa('go', ['env', '-json'], {
    cwd: folder,
    env: { ...environment, GOTOOLCHAIN: 'local', GOFLAGS: '', GOWORK: 'off' },
    extendEnv: false,
    reject: false,
    timeout: 30_000,
  })
  if (ran.failed && 'code' in ran && ran.code === 'ENOENT') return null
  const settings = settingsSchema.safeParse(ran.exitCode === 0 ? JSON.parse(ran.stdout) : null)
  if (!settings.success) {
    throw new UserError(`go does not say how this machine gets modules: ${String(ran.stderr).slice(0, 300)}`, {
      mend: 'see that `go env GOPROXY` works for the user that Quarry runs as',
    })
  }
  return {
    ...proxiesOf(settings.data.GOPROXY),
    certificates: await certificatesOf(environment),
    proxy: environment.HTTPS_PROXY ?? environment.https_proxy ?? null,
  }
}

/** Where Go's own client looks on Linux, in this order: the system's certificates, which Node.js does not know. */
const systemBundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

async function certificatesOf({ SSL_CERT_FILE: stated }: Environment): Promise<string | null> {
  const path = stated === undefined || stated === '' ? systemBundles.find((bundle) => existsSync(bundle)) : stated
  if (path === undefined) return null
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UserError(`the certificates that Go is told to trust can't be read: ${messageOf(cause)}`, {
      mend: 'correct SSL_CERT_FILE',
      cause,
    })
  })
}

/** What GOPROXY lists, with the credentials that stand in its addresses taken out of them. */
export function proxiesOf(setting: string): Required<Pick<ProtocolUpstream, 'registries' | 'authorizations'>> {
  const registries: string[] = []
  const authorizations: { registry: string; authorization: string }[] = []
  for (const entry of setting.split(/[,|]/).map((text) => text.trim())) {
    if (!/^https?:\/\//i.test(entry) || !URL.canParse(entry)) continue
    const { username, password, host, pathname, protocol } = new URL(entry)
    const path = pathname.endsWith('/') ? pathname : `${pathname}/`
    registries.push(`${protocol}//${host}${path}`)
    if (username === '') continue
    const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    const authorization = `Basic ${Buffer.from(pair).toString('base64')}`
    authorizations.push({ registry: `//${host}${path}`, authorization })
  }
  return { registries, authorizations }
}
