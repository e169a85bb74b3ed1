import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { z } from 'zod'
import { webhookPath } from './webhooks.ts'

const appFile = z.object({
  name: z.string(),
  description: z.string(),
  public: z.boolean(),
  default_permissions: z.record(z.string(), z.enum(['read', 'write'])),
  default_events: z.array(z.string()),
})

type AppFile = z.infer<typeof appFile>

/** What GitHub makes an App of: https://docs.github.com/apps/sharing-github-apps/registering-a-github-app-from-a-manifest */
export interface AppManifest extends AppFile {
  /** The App's home page: GitHub asks for one. */
  readonly url: string
  readonly redirect_url: string
  readonly hook_attributes: { readonly url: string; readonly active: boolean }
}

export interface ManifestRequest {
  /** With check runs: app.feedback.yml in place of app.yml. */
  readonly feedback: boolean
  /** Where GitHub reaches this server: `https://quarry.example.org` */
  readonly address: string
  /** Where GitHub sends the browser with the code. */
  readonly redirectUrl: string
}

/** The project's own file, wherever the command was started. */
export async function makeManifest({ feedback, address, redirectUrl }: ManifestRequest): Promise<AppManifest> {
  const file = new URL(`../../../${feedback ? 'app.feedback.yml' : 'app.yml'}`, import.meta.url)
  const app = appFile.parse(parse(await readFile(file, 'utf8')))
  return {
    ...app,
    url: address,
    redirect_url: redirectUrl,
    hook_attributes: { url: `${address}${webhookPath}`, active: true },
  }
}
