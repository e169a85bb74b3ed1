import { createHash } from 'node:crypto'
import scalar from '@scalar/fastify-api-reference'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'

/** A reader of /openapi.json for people, open to all. It asks no other host for anything: the policy has the browser hold that. */
export async function registerDocsPage(web: FastifyInstance): Promise<void> {
  await web.register(docsPage)
}

const docsPage: FastifyPluginAsync = async (scope) => {
  scope.addHook('onSend', async (_request, reply, payload) => {
    if (typeof payload === 'string' && String(reply.getHeader('content-type')).startsWith('text/html'))
      reply.headers({
        'content-security-policy': policyOf(payload),
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      })
    return payload
  })
  await scope.register(scalar, {
    routePrefix: '/docs',
    configuration: {
      ...{ pageTitle: 'Quarry API', url: '/openapi.json' },
      // Each of these would ask some server of Scalar's.
      ...{ withDefaultFonts: false, telemetry: false, hideClientButton: true, showDeveloperTools: 'never' },
      ...{ agent: { disabled: true, hideAddApi: true }, mcp: { disabled: true }, plugins: [] },
    },
  })
}

/** Scripts of this server, and the page's own line by its hash. */
function policyOf(page: string): string {
  const own = [...page.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)]
    .filter(([, text]) => text !== '')
    .map(([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`)
  return [
    "default-src 'none'",
    `script-src 'self' ${own.join(' ')}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
