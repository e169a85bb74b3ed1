import { sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Db } from '../db/connect.ts'

/** What mining some candidates would likely bring and take, and what that is judged by. */
export interface Forecast {
  readonly likely_tasks: number
  /** Tasks a candidate. */
  readonly yield: number
  /** Whose measured candidates the figures come from; `usual yield`: too few were mined here, and all figures are usual ones. */
  readonly basis: 'this repository' | 'all repositories mined here' | 'usual yield'
  /** Bytes that stay: the mirror, packed layers and rows. Layers lie unpacked besides, as far as the disk budget lets them. */
  readonly disk: {
    readonly mirror: number
    readonly layers: number
    readonly rows: number
    readonly total: number
    readonly unpacked: number
  }
  /** Of work, as many candidates side by side as were asked for. */
  readonly seconds: number
}

/** What candidates became and took, each on average. */
interface Rates {
  readonly yield: number
  readonly environments: number
  readonly layerBytes: number
  readonly unpackedBytes: number
  readonly rowBytes: number
  readonly seconds: number
}

/**
 * Where fewer candidates were mined. The yield is below what docs/yield.md measured over its repositories, on purpose; the others are no
 * averages of anything, but of the size that these repositories showed: an install of tens of megabytes that every second candidate
 * shares with another, and two minutes of runs.
 */
const usual: Rates = {
  yield: 0.4,
  environments: 0.5,
  layerBytes: 30e6,
  unpackedBytes: 150e6,
  rowBytes: 50e3,
  seconds: 120,
}

/** Fewer decided candidates than this say little about a repository. */
const fewest = 10

/**
 * What a number of candidates will likely become and take, by what became of earlier ones here, else on this database. `repositoryId` null: it
 * has no row yet.
 */
export async function forecastOf(
  db: Db,
  repositoryId: number | null,
  { candidates, mirrorBytes, concurrency }: { candidates: number; mirrorBytes: number; concurrency: number },
): Promise<Forecast> {
  const own = repositoryId === null ? null : await ratesOf(db, repositoryId)
  const all = own === null ? await ratesOf(db, null) : null
  const rates = own ?? all ?? usual
  const environments = candidates * rates.environments
  const [layers, rows] = [environments * rates.layerBytes, candidates * rates.rowBytes].map(Math.round)
  return {
    likely_tasks: Math.round(candidates * rates.yield),
    yield: rates.yield,
    basis: own !== null ? 'this repository' : all !== null ? 'all repositories mined here' : 'usual yield',
    disk: {
      mirror: mirrorBytes,
      layers: layers ?? 0,
      rows: rows ?? 0,
      total: mirrorBytes + (layers ?? 0) + (rows ?? 0),
      unpacked: Math.round(environments * rates.unpackedBytes),
    },
    seconds: Math.round((candidates * rates.seconds) / concurrency),
  }
}

const measured = z.object({
  decided: z.number(),
  vetted: z.number(),
  seconds: z.number().nullable(),
  tried: z.number(),
  environments: z.number(),
  layer_bytes: z.number().nullable(),
  unpacked_bytes: z.number().nullable(),
  row_bytes: z.number(),
})

/** Over the candidates that a miner proposed and that are decided; null where they are too few. */
async function ratesOf(db: Db, repositoryId: number | null): Promise<Rates | null> {
  const { rows } = await db.execute(sql`
    with mined as (
      select * from candidates where state in ('vetted', 'refused') and base_commit is not null
        and (${repositoryId}::bigint is null or repository_id = ${repositoryId}::bigint)),
    used as (
      select distinct a.candidate_id, e.id, e.layer, e.layer_bytes, e.unpacked_bytes
      from attempts a join environments e on e.id = a.environment_id
      where e.state = 'built' and a.candidate_id in (select id from mined)),
    built as (select distinct id, layer_bytes, unpacked_bytes from used where layer is not null)
    select
      (select count(*)::int from mined) as decided,
      (select count(*)::int from mined where state = 'vetted') as vetted,
      (select avg((select sum(value::float) from jsonb_each_text(seconds))) from mined) as seconds,
      (select count(distinct candidate_id)::int from used) as tried,
      (select count(*)::int from built) as environments,
      (select avg(layer_bytes)::float from built) as layer_bytes,
      (select avg(unpacked_bytes)::float from built) as unpacked_bytes,
      (select coalesce(sum(pg_column_size(m.*)), 0) from mined m)::float
        + (select coalesce(sum(pg_column_size(s.*)), 0) from snapshots s where candidate_id in (select id from mined))::float
        + (select coalesce(sum(pg_column_size(r.*)), 0) from runs r where candidate_id in (select id from mined))::float
        + (select coalesce(sum(pg_column_size(t.*)), 0) from tasks t where candidate_id in (select id from mined))::float as row_bytes`)
  const found = measured.parse(rows[0])
  if (found.decided < fewest) return null
  return {
    yield: found.vetted / found.decided,
    environments: found.tried === 0 ? usual.environments : found.environments / found.tried,
    layerBytes: found.layer_bytes ?? usual.layerBytes,
    unpackedBytes: found.unpacked_bytes ?? usual.unpackedBytes,
    rowBytes: found.row_bytes / found.decided,
    seconds: found.seconds ?? usual.seconds,
  }
}
