import type { AppManifest } from './app-manifest.ts'
import { type Html, html } from './html.ts'

const style = html`<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; color: #1f2328 }
  fieldset { border: 1px solid #d1d9e0; border-radius: 6px; margin: 1rem 0; padding: 1rem }
  label { display: block; margin: .5rem 0 }
  input[type=text] { display: block; width: 100%; box-sizing: border-box; font: inherit; padding: .3rem }
  button { font: inherit; padding: .4rem 1rem }
  pre { background: #f6f8fa; padding: 1rem; overflow: auto }
  .warning { border-left: 4px solid #9a6700; padding-left: 1rem }
</style>`

function page(title: string, body: Html): string {
  return html`<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>${style}</head>
<body><h1>${title}</h1>${body}</body>
</html>
`.html
}

export interface ManifestView {
  readonly manifest: AppManifest
  /** Where the manifest is posted. */
  readonly target: string
  readonly organization: string
  readonly address: string
  readonly feedback: boolean
  /** The address is one that only this machine has. */
  readonly unreachable: boolean
}

/** What the App may read and hears of, the choices, and the button that takes the manifest to GitHub. */
export function manifestPage(view: ManifestView): string {
  const { manifest, target } = view
  return page(
    'Make the GitHub App',
    html`<p>Quarry runs as a GitHub App of yours. The button takes you to ${new URL(target).host}, where you confirm it.</p>
${choices(view)}
${view.unreachable ? unreachable : html``}
<p>Webhooks go to <code>${manifest.hook_attributes.url}</code>. The App asks for:</p>
<ul id="permissions">${list(Object.entries(manifest.default_permissions).map(([name, level]) => `${name}: ${level}`))}</ul>
<p>and hears of:</p>
<ul id="events">${list(manifest.default_events)}</ul>
<form method="post" action="${target}">
<input type="hidden" name="manifest" value="${JSON.stringify(manifest)}">
<button id="register">Register the App on GitHub</button>
</form>`,
  )
}

const unreachable = html`<p class="warning" id="unreachable">GitHub can't reach this address: give the public one above,
e.g. that of your proxy. The App's settings on GitHub can change it later.</p>`

function choices({ address, organization, feedback }: ManifestView): Html {
  return html`<form method="get" action="/probot"><fieldset>
<label>The address at which GitHub reaches this server <input type="text" name="address" value="${address}"></label>
<label>The organisation that shall own the App; empty: your own account
<input type="text" name="organization" value="${organization}"></label>
<label><input type="checkbox" name="feedback" value="on"${feedback ? html` checked` : html``}>
A check run on each merged pull that says what became of it (the permission <code>checks: write</code>)</label>
<button>Use these</button>
</fieldset></form>`
}

function list(items: readonly string[]): Html {
  return { html: items.map((item) => html`<li>${item}</li>`.html).join('') }
}

/** How to go on, once the credentials are written. */
export function donePage(file: string, appUrl: string): string {
  return page(
    'The App is made',
    html`<p>Its credentials are in <code id="file">${file}</code>, which only this server's user can read.</p>
<ol>
<li>Stop <code>quarry serve</code>, and start it again: it then serves the App.</li>
<li><a id="install" href="${appUrl}/installations/new">Install the App</a> on the repositories that shall be mined.</li>
</ol>
<p>In this order: the server has to be there when GitHub tells of the installation.</p>`,
  )
}

export function failedPage(what: string, mend: string): string {
  return page('That did not work', html`<p id="failure">${what}</p><p>${mend} <a href="/probot">Begin again</a></p>`)
}
