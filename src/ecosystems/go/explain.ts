import type { Ecosystem } from '../types.ts'

type Explanation = ReturnType<Ecosystem['explain']>

/** What `go` prints; the first group names what it is about. */
const known: readonly (readonly [Explanation['reason'], RegExp, string?])[] = [
  ['toolchain-not-available', /requires (?<what>go ?>?=? ?1\.[\w.]+)/],
  ['toolchain-not-available', /(?:note: module requires Go (?<what>1\.[\w.]+)|invalid go version '(?<version>[^']+)')/],
  [
    'package-not-available',
    /(?<![\w./~-])(?<what>[\w./~-]+@v[\w.+-]+): (?:reading|invalid version|unrecognized|verifying|module lookup)/,
  ],
  ['package-not-available', /(?:no matching versions for query|unknown revision)[^\n]*/],
  [
    'package-not-available',
    /(?:no required module provides package|cannot find module providing package|module providing package) (?<what>[^\s:;]+)/,
  ],
  ['package-not-available', /module (?<what>[\w./~-]+): (?:reading|not found|git ls-remote)/],
  ['package-not-available', /unrecognized import path "(?<what>[^"]+)"/],
  [
    'install-failed',
    /(?<what>missing go\.sum entry[^\n]*|verifying [^\n]*checksum mismatch|inconsistent vendoring[^\n]*|updates to go\.mod needed[^\n]*)/,
  ],
  ['install-failed', /(?<what>errors parsing go\.(?:mod|work):[^\n]*\n?[^\n]*)/],
]

/** Reads a failed install's log: the refusal it amounts to, and the module or line that it names. */
export function explainGo(log: string): Explanation {
  for (const [reason, pattern] of known) {
    const match = pattern.exec(log)
    if (match !== null)
      return { reason, detail: (match.groups?.what ?? match.groups?.version ?? match[0]).trim().slice(0, 300) }
  }
  const lines = log.split('\n').filter((line) => line.trim() !== '')
  const telling = lines.filter((line) => /^(?:go|\S+\.go):|error|cannot|fail/i.test(line))
  return { reason: 'install-failed', detail: (telling.at(-1) ?? lines.at(-1) ?? '').trim().slice(0, 300) }
}
