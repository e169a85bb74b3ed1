import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Caller, Scope } from '../../access/index.ts'
import type { Blobs } from '../../blobs/types.ts'
import type { Db } from '../../db/connect.ts'
import type { Listener } from '../../db/listen.ts'
import type { ExportSources } from '../../export/index.ts'
import type { AddGradeJobs } from '../../grade/ask.ts'
import type { Log } from '../../log.ts'
import type { SnapshotArchives } from '../../pipeline/snapshot-archives.ts'
import type { AuditTrail } from './audit-trail.ts'
import type { RateLimits } from './rate-limits.ts'

/** What the API is served from. */
export interface ApiServices {
  readonly db: Db
  readonly blobs: Blobs
  readonly log: Log
  /** Adds the jobs of grades. */
  readonly addGrades: AddGradeJobs
  /** Hears of grades that are done. */
  readonly heardGrades: Listener
  readonly rateLimits: RateLimits
  readonly snapshots: SnapshotArchives
  /** After so many attempts a task that was always, or never, solved says so. */
  readonly signalAttempts: number
  /** What exports are made of beside the rows. */
  readonly exports: ExportSources
}

/** What routes answer from. */
export interface RouteServices extends ApiServices {
  /** Wait for it before the first byte of a task leaves. */
  readonly audit: AuditTrail
  /** Aborts once the server is told to stop: who waits for something answers with what there is. */
  readonly stopping: AbortSignal
}

/** A Fastify that takes zod schemas: they check, give the types, and are what /openapi.json says. */
export type Api = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>

/** A group of routes. Each states the scope it needs in its `config`. */
export type ApiRoutes = (api: Api, services: RouteServices) => void

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks: set before every route's handler. */
    caller: Caller
  }
  interface FastifyContextConfig {
    /** Without this scope the route does not exist. */
    scope?: Scope
    /** The budget that a request is taken from; `requests` where it is left out. */
    rate?: 'frequent'
  }
}
