import type { PackageProtocol } from '../protocol.ts'
import { answerMaven } from './repository.ts'
import { readMavenUpstream } from './upstream.ts'

/** Repositories in Maven's layout, as Maven and Gradle ask for them. */
export const maven: PackageProtocol = {
  name: 'maven',
  readUpstream: readMavenUpstream,
  open: (kept) => ({ answer: (request) => answerMaven(kept, request) }),
}
