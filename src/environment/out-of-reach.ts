import type { Reason } from '../model/index.ts'

/** What tests could not reach, and the line that says so. */
export interface OutOfReach {
  readonly reason: Extract<Reason, 'needs-service' | 'needs-network'>
  readonly detail: string
}

/** In the words of the languages' own libraries and of the commonest clients. */
const signs: readonly (readonly [OutOfReach['reason'], RegExp])[] = [
  [
    'needs-service',
    /Cannot connect to the Docker daemon|valid Docker environment|docker\.errors\.DockerException|docker(?:\.exe)?["']?: (?:executable file )?not found/i,
  ],
  [
    'needs-service',
    /ECONNREFUSED|\bconnection refused\b|ConnectionRefused(?:Error)?|Errno 111\b|actively refused|Can't connect to (?:local )?(?:MySQL|server)|could not connect to server|ServerSelectionTimeoutError/i,
  ],
  [
    'needs-network',
    /\b(?:ENOTFOUND|EAI_AGAIN|ENETUNREACH)\b|UnknownHostException|Temporary failure in name resolution|Name or service not known|\bno such host\b|failed to lookup address information|Network is unreachable|nodename nor servname/i,
  ],
]

/** Reads what a run printed and what its tests said: which server or network they wanted; null: nothing tells of any. */
export function outOfReach(texts: readonly string[]): OutOfReach | null {
  for (const [reason, sign] of signs) {
    for (const text of texts) {
      const line = lineAround(text, sign)
      if (line !== null) return { reason, detail: line }
    }
  }
  return null
}

/** The first of these folders, which are empty here, that a line names something of, and that line. Null: none does. */
export function inSubmodule(
  texts: readonly string[],
  submodules: readonly string[],
): { readonly submodule: string; readonly detail: string } | null {
  for (const path of submodules) {
    const sign = new RegExp(
      `(?<![\\w./-])(?:/testbed/|(?:\\.{1,2}/)+)?${path.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?:[/'"\\s]|$)`,
    )
    for (const text of texts) {
      const line = lineAround(text, sign)
      if (line === null) continue
      return { submodule: path, detail: `submodule ${path}, which is not part of the repository: ${line}` }
    }
  }
  return null
}

function lineAround(text: string, sign: RegExp): string | null {
  const at = text.search(sign)
  if (at === -1) return null
  const start = text.lastIndexOf('\n', at) + 1
  const end = text.indexOf('\n', at)
  return text.slice(Math.max(start, at - 200), Math.min(end === -1 ? text.length : end, at + 200)).trim()
}
