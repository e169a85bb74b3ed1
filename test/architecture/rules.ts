import type { SourceFile } from './source-file.ts'

const base = ['model', 'errors', 'log', 'once', 'proc', 'settle-all']
const adapters = ['git', 'github', 'db', 'queue', 'blobs']
const outside = [...base, ...adapters]
const parts = ['sandboxes', 'ci', 'languages', 'test-frameworks', 'package-gateway', 'ecosystems', 'test-runs']
const stages = ['intake', 'snapshot', 'environment', 'validation', 'publish']

/**
 * Who may import whom (docs/architecture.md). A part is a folder of `src`, a file right under it, or a top-level
 * folder; each may import itself and what stands here. `apps` puts everything together and may import all.
 */
const allowed: Readonly<Record<string, readonly string[]>> = {
  model: [],
  errors: [],
  once: [],
  'settle-all': [],
  proc: [],
  log: ['errors'],
  config: ['errors'],
  git: base,
  github: base,
  db: [...base, 'blobs'],
  queue: [...base, 'db'],
  blobs: base,
  consent: base,
  feedback: base,
  sandboxes: base,
  languages: base,
  ci: [...base, 'languages'],
  'test-frameworks': base,
  'package-gateway': outside,
  ecosystems: [...outside, 'ci', 'languages', 'package-gateway', 'test-frameworks'],
  'test-runs': [...outside, 'sandboxes', 'test-frameworks'],
  intake: outside,
  snapshot: [...outside, 'languages', 'test-frameworks'],
  environment: [...outside, 'test-runs', 'test-frameworks', 'sandboxes', 'ecosystems', 'package-gateway'],
  validation: [...outside, 'test-runs', 'validators', 'query'],
  publish: [...outside, 'languages', 'test-runs'],
  query: [...outside, 'test-runs', 'access'],
  erasure: [...outside, 'test-runs'],
  export: [...outside, 'query', 'ecosystems', 'test-frameworks'],
  grade: [...outside, 'query', 'snapshot', 'test-runs', 'test-frameworks', 'sandboxes', 'ecosystems'],
  leases: [...outside, 'query', 'access'],
  outcomes: [...outside, 'query', 'access'],
  access: outside,
  miners: [...outside, 'languages'],
  validators: [...outside, 'grade', 'test-runs'],
  pipeline: [
    ...outside,
    ...parts,
    ...stages,
    'access',
    'consent',
    'feedback',
    'miners',
    'validators',
    'query',
    'grade',
    'leases',
    'erasure',
  ],
}

const vagueNames = /(^|\/)(utils?|helpers?|common|managers?|misc|shared)([/.]|$)/

/** `src/git/mirror.ts` → `git`, `src/errors.ts` → `errors`, `miners/index.ts` → `miners`. */
function partOf(path: string): string {
  const [first = '', second = ''] = path.split('/')
  return first === 'src' ? second.replace(/\.ts$/, '') : first
}

/** Every breach of the rules, one line each: empty is what the project promises. */
export function breaches(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => [...importBreaches(file), ...placeBreaches(file)])
}

function importBreaches(file: SourceFile): string[] {
  const part = partOf(file.path)
  if (part === 'apps') return []
  const targets = new Set(file.imports.map(partOf).filter((target) => target !== part))
  const mayImport = allowed[part]
  if (mayImport === undefined) return [`${file.path}: no rule says what ${part} may import`]
  return [...targets]
    .filter((target) => !mayImport.includes(target))
    .map((target) => `${file.path}: ${part} may not import ${target}`)
}

function placeBreaches(file: SourceFile): string[] {
  const part = partOf(file.path)
  const found: string[] = []
  if (file.readsEnvironment && part !== 'apps' && part !== 'config') found.push(`${file.path}: reads process.env`)
  if (file.imports.includes('src/config.ts') && part !== 'apps') found.push(`${file.path}: imports the configuration`)
  if (vagueNames.test(file.path)) found.push(`${file.path}: has a name that says nothing`)
  if (part === 'model' && file.packages.some((name) => name !== 'zod'))
    found.push(`${file.path}: the model imports only zod`)
  return found
}
