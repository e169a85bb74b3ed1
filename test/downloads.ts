import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** What data folders of tests have in common: toolchains, and packages as registries gave them. */
    downloads: string
  }
}

/** The parts of a data folder that hold nothing of any repository. */
const parts = ['toolchains', 'packages']

/** vitest's global set-up: a folder of one run, so that each run brings everything once. */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'quarry-downloads-'))
  for (const part of parts) mkdirSync(join(folder, part), { mode: 0o700 })
  project.provide('downloads', folder)
  return () => rmSync(folder, { recursive: true, force: true })
}

/** A new data folder that has in it what other tests have downloaded: most of what a first mining takes. */
export function homeWithDownloads(home: string): string {
  mkdirSync(home, { recursive: true, mode: 0o700 })
  for (const part of parts) symlinkSync(join(inject('downloads'), part), join(home, part))
  return home
}
