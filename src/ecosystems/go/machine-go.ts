import { realpath } from 'node:fs/promises'
import { execa } from 'execa'
import { z } from 'zod'
import type { ProvidedTool } from '../types.ts'

const settingsSchema = z.object({ GOVERSION: z.string(), GOROOT: z.string().min(1) })

/**
 * The machine's own Go, where it is just the release asked for: it need not be fetched then. Null: it has none, or another. What a distribution
 * changed calls itself otherwise, and is not taken for the release.
 */
export async function machineGo(
  version: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ProvidedTool | null> {
  const ran = await execa('go', ['env', '-json', 'GOVERSION', 'GOROOT'], {
    cwd: '/',
    env: { ...environment, GOTOOLCHAIN: 'local', GOFLAGS: '', GOWORK: 'off' },
    extendEnv: false,
    reject: false,
    timeout: 30_000,
  })
  if (ran.exitCode !== 0) return null
  const settings = settingsSchema.safeParse(JSON.parse(ran.stdout))
  if (!settings.success || settings.data.GOVERSION !== `go${version}`) return null
  return { folder: await realpath(settings.data.GOROOT), digest: `machine:go${version}` }
}
