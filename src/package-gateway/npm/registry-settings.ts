export type SettingsKind = 'npmrc' | 'yarnrc' | 'yarnrc-berry'

const npmLine =
  /^\s*(?:(?:@[^:=]+:)?registry\s*=|\/\/[^=]*:|(?:https?-)?proxy\s*=|no-?proxy\s*=|_auth|_password|email\s*=|username\s*=|always-auth\s*=|cafile\s*=|ca(?:\[\])?\s*=|cert\s*=|key\s*=|strict-ssl\s*=|before\s*=|replace-registry-host\s*=)/
const yarnLine =
  /^\s*"?(?:(?:@[^\s:"]+:)?registry|https?-proxy|proxy|cafile|strict-ssl|yarn-path|yarn-offline-mirror(?:-pruning)?|\/\/[^\s"]*)"?\s+/
const berryKey =
  /^(?:npmRegistryServer|npmRegistries|npmScopes|npmAuthToken|npmAuthIdent|npmAlwaysAuth|npmAuditRegistry|httpProxy|httpsProxy|httpsCaFilePath|caFilePath|networkSettings|unsafeHttpWhitelist|enableNetwork|npmMinimalAgeGate|yarnPath)\s*:/

/**
 * Takes out of a repository's own settings (.npmrc, .yarnrc, .yarnrc.yml) what would lead an install past the gateway: registries,
 * proxies, credentials, and another yarn. Everything else stays as it is. Returns the same text where there was nothing.
 */
export function withoutRegistrySettings(text: string, kind: SettingsKind): string {
  if (kind === 'npmrc') return dropLines(text, npmLine)
  if (kind === 'yarnrc') return dropLines(text, yarnLine)
  return dropTopLevelKeys(text)
}

function dropLines(text: string, unwanted: RegExp): string {
  const lines = text.split(/(?<=\n)/)
  return lines.filter((line) => !unwanted.test(line)).join('')
}

/** A top-level key of YAML goes with the indented lines under it. */
function dropTopLevelKeys(text: string): string {
  let dropping = false
  const kept = text.split(/(?<=\n)/).filter((line) => {
    const nested = /^(?:\s|-\s|$)/.test(line)
    if (!nested) dropping = berryKey.test(line)
    return !dropping
  })
  return kept.join('')
}
