import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { and, eq, inArray, sql } from 'drizzle-orm'
import type { Blobs, Digest, Stored } from '../blobs/types.ts'
import { assertWanted, type CandidateRow } from '../db/candidates.ts'
import type { Db, Tx } from '../db/connect.ts'
import { environments } from '../db/schema.ts'
import type { Ecosystem } from '../ecosystems/types.ts'
import { Fault } from '../errors.ts'
import type { Mirror } from '../git/index.ts'
import type { Strategy, TreeReader } from '../model/index.ts'
import type { Gateway, Need } from '../package-gateway/index.ts'
import type { Sandbox, SandboxMount } from '../sandboxes/types.ts'
import type { CoreBudget } from '../test-runs/cores.ts'
import { type Installed, install } from './install.ts'
import { listContent, measureLayer, type PackedLayer, packLayer } from './layer-archive.ts'
import { type LayerKeys, layerKeys } from './layer-key.ts'
import { keptInLayer } from './layer-rules.ts'
import type { HeldLayer, LayerStore } from './layer-store.ts'
import { overlaid } from './overlaid.ts'

export type EnvironmentRow = typeof environments.$inferSelect

/** What building environments needs of this machine. */
export interface EnvironmentServices {
  readonly db: Db
  readonly blobs: Blobs
  readonly sandbox: Sandbox
  readonly layers: LayerStore
  readonly cores: CoreBudget
  /** What one install or run is given. */
  readonly coresPerRun: number
  readonly root: string
  /** Folder for laid-out trees. */
  readonly work: string
  readonly toolchainMounts: (strategy: Omit<Strategy, 'tests'>) => Promise<readonly SandboxMount[]>
  readonly openGateway: (strategy: Omit<Strategy, 'tests'>, owner: string, needs: readonly Need[]) => Promise<Gateway>
  /** One builder at a time for a name, on however many machines. */
  readonly exclusively: <T>(name: string, work: () => Promise<T>) => Promise<T>
  readonly installSeconds: number
  readonly signal?: AbortSignal
}

export interface ProvideRequest {
  /** Those of the strategy. */
  readonly ecosystems: readonly Ecosystem[]
  readonly strategy: Omit<Strategy, 'tests'>
  readonly mirror: Mirror
  readonly tree: TreeReader
  readonly owner: string
  /** Whom it is built for first. */
  readonly candidate: Pick<CandidateRow, 'id' | 'repositoryId' | 'installationId'>
}

/** What runs need of an environment; `blob` is null as long as the archive of its layer is not written. */
export type UsableEnvironment = Pick<EnvironmentRow, 'layer' | 'blob'>

export interface Provided {
  /** Null where it could not be built. */
  readonly usable: UsableEnvironment | null
  /** Its row. Whoever uses the environment before has to wait for it afterwards, however the use ended. */
  readonly stored: Promise<EnvironmentRow>
  /** Lets the layer go, which stays until then. */
  release(): Promise<void>
}

/**
 * The environment of a strategy: the stored one where its key was built (or failed) before, else built now, once however
 * many ask. One whose install was told nothing that depends on the day is that of every day. It can be used as soon as it is installed, while its layer is packed. Throws Fault where the machine or the registry is to
 * blame: nothing is stored then.
 */
export async function provideEnvironment(services: EnvironmentServices, request: ProvideRequest): Promise<Provided> {
  const keys = await layerKeys({ ...request, root: services.root })
  const { installationId } = request.candidate
  const known = [keys.ofDay, keys.ofAnyDay, keyWithSources(keys.ofDay, request.tree)]
  const find = () => findIn(services.db, installationId, known)
  const found = await find()
  if (found !== null) return providedOf(found)
  const { promise: ready, resolve: becomesReady } = Promise.withResolvers<Ready>()
  const stored = services.exclusively(
    `environment:${installationId}:${keys.ofDay}`,
    async () => (await find()) ?? build(services, request, keys, becomesReady),
  )
  const first = await Promise.race([ready, stored.then(providedOf)])
  return { usable: first.usable, stored, release: first.release }
}

/** Where the repository's own sources kept an install from its end, others of the same manifests may well come to it. */
function keyWithSources(key: string, { tree }: TreeReader): string {
  return createHash('sha256').update(`${key} ${tree}`).digest('hex')
}

type Ready = Pick<Provided, 'usable' | 'release'>

/** That of a row: its layer can be unpacked again whenever it is wanted. */
export function providedOf(row: EnvironmentRow): Provided {
  return { usable: usableOf(row), stored: Promise.resolve(row), release: async () => undefined }
}

function usableOf(row: EnvironmentRow): UsableEnvironment | null {
  return row.state === 'built' ? row : null
}

/** The row of the first of the keys that has one. What was built for one installation is not seen by another: it may hold private packages. */
async function findIn(db: Db, installationId: number, keys: readonly string[]): Promise<EnvironmentRow | null> {
  const rows = await db
    .update(environments)
    .set({ usedAt: sql`now()` })
    .where(and(eq(environments.installationId, installationId), inArray(environments.key, [...keys])))
    .returning()
  return keys.flatMap((key) => rows.find((row) => row.key === key) ?? [])[0] ?? null
}

async function build(
  services: EnvironmentServices,
  request: ProvideRequest,
  keys: LayerKeys,
  becomesReady: (ready: Ready) => void,
): Promise<EnvironmentRow> {
  const started = Date.now()
  const installed = await installFrom(services, request)
  const secondsSince = () => (Date.now() - started) / 1000
  if (!installed.installed) return store(services, request, keys, { installed, layer: null, seconds: secondsSince() })
  try {
    const placed = await placeLayer(services, request, installed)
    const seconds = secondsSince()
    // From here on whoever uses it lets it go.
    becomesReady({ usable: { layer: placed.diffId, blob: null }, release: placed.held.release })
    const layer = await storeLayer(services.blobs, placed)
    return await store(services, request, keys, { installed, layer, seconds })
  } finally {
    await services.sandbox.discard(installed.scratch)
  }
}

async function installFrom(services: EnvironmentServices, request: ProvideRequest): Promise<Installed> {
  const seen = overlaid(request.tree, request.strategy.overrides)
  const [mounts, needs] = await Promise.all([
    services.toolchainMounts(request.strategy),
    Promise.all(request.ecosystems.map((ecosystem) => ecosystem.needs(seen))),
  ])
  const gateway = await services.openGateway(request.strategy, request.owner, needs.flat())
  try {
    return await services.cores.use(services.coresPerRun, 0, (cores) =>
      install({
        ...request,
        mounts,
        gateway,
        cores,
        sandbox: services.sandbox,
        work: services.work,
        seconds: services.installSeconds,
        explain: (log) => explained(request.ecosystems, log),
        ...(services.signal === undefined ? {} : { signal: services.signal }),
      }),
    )
  } finally {
    await gateway.close()
  }
}

function isOfSources(installed: Installed): boolean {
  return !installed.installed && installed.reason === 'build-failed'
}

interface PlacedLayer extends PackedLayer {
  readonly held: HeldLayer
  /** What is packed: the install's own folder, where another had placed the same layer before. */
  readonly folder: string
  readonly paths: readonly string[]
}

interface StoredLayer extends PackedLayer {
  readonly blob: Digest
  readonly compressedBytes: number
}

/** What the install added, unpacked as runs use it: without the repository's tracked paths and without what comes of its sources. */
async function placeLayer(
  services: EnvironmentServices,
  request: ProvideRequest,
  installed: Extract<Installed, { installed: true }>,
): Promise<PlacedLayer> {
  const tracked = new Set([...request.tree.paths, ...request.strategy.overrides.map(({ path }) => path)])
  const rules = await Promise.all(
    request.ecosystems.map(async ({ layerPaths, derivedPaths }) => ({
      kept: layerPaths,
      derived: await derivedPaths(request.tree),
    })),
  )
  const content = await listContent(installed.upper, keptInLayer(rules, tracked))
  const measured = await measureLayer(installed.upper, content.kept)
  const held = await services.layers.place(measured.diffId, installed.upper, content)
  const folder = existsSync(installed.upper) ? installed.upper : held.folder
  return { ...measured, held, folder, paths: content.kept }
}

async function storeLayer(blobs: Blobs, { diffId, bytes, folder, paths }: PlacedLayer): Promise<StoredLayer> {
  let stored = null as Stored | null
  const packed = await packLayer(folder, paths, async (compressed: Readable) => {
    stored = await blobs.put(compressed)
  })
  if (stored === null) throw new Fault('layer', 'a packed layer was not stored')
  if (packed.diffId !== diffId) throw new Fault('layer', `the layer ${diffId} was changed while it was packed`)
  return { diffId, bytes, blob: stored.digest, compressedBytes: stored.bytes }
}

/** No line of a log that says why something failed is longer; a compiler may print a whole bundle as one. */
const LONGEST_LINE = 2000

/** The first that knows more than that it failed. */
function explained(ecosystems: readonly Ecosystem[], log: string): ReturnType<Ecosystem['explain']> {
  const readable = log
    .split('\n')
    .map((line) => line.slice(0, LONGEST_LINE))
    .join('\n')
  const said = ecosystems.map((ecosystem) => ecosystem.explain(readable))
  const [first] = said
  if (first === undefined) throw new Fault('ecosystem', 'a strategy without an ecosystem was installed')
  return said.find(({ reason }) => reason !== 'install-failed') ?? first
}

async function store(
  services: EnvironmentServices,
  request: ProvideRequest,
  keys: LayerKeys,
  { installed, layer, seconds }: { installed: Installed; layer: StoredLayer | null; seconds: number },
): Promise<EnvironmentRow> {
  const row = await services.db.transaction(async (tx) => {
    await assertWanted(tx, request.candidate.id)
    const { digest: log } = await services.blobs.put(installed.log)
    const values = {
      log,
      repositoryId: request.candidate.repositoryId,
      installationId: request.candidate.installationId,
      state: installed.installed ? 'built' : 'failed',
      layer: layer?.diffId ?? null,
      blob: layer?.blob ?? null,
      layerBytes: layer?.compressedBytes ?? null,
      unpackedBytes: layer?.bytes ?? null,
      root: services.root,
      toolchain: request.strategy.toolchain,
      reason: installed.installed ? null : installed.reason,
      evidence: installed.installed ? { strategy: request.strategy.name } : installed.evidence,
      flags: installed.installed ? installed.flags : [],
      seconds: Math.round(seconds * 1000) / 1000,
    } as const
    const key = isOfSources(installed) ? keyWithSources(keys.ofDay, request.tree) : keys.ofDay
    const ofAnyDay =
      installed.installed && !installed.isDated ? await insertNew(tx, { ...values, key: keys.ofAnyDay }) : undefined
    return ofAnyDay ?? insert(tx, { ...values, key })
  })
  if (row === undefined) throw new Error('an inserted environment came back without its row')
  return row
}

/** Undefined where another day's install was there first: what came of this one is kept beside it. */
async function insertNew(tx: Tx, values: typeof environments.$inferInsert): Promise<EnvironmentRow | undefined> {
  const [row] = await tx
    .insert(environments)
    .values(values)
    .onConflictDoNothing({ target: [environments.installationId, environments.key] })
    .returning()
  return row
}

async function insert(tx: Tx, values: typeof environments.$inferInsert): Promise<EnvironmentRow | undefined> {
  const [row] = await tx
    .insert(environments)
    .values(values)
    .onConflictDoUpdate({ target: [environments.installationId, environments.key], set: { usedAt: sql`now()` } })
    .returning()
  return row
}
