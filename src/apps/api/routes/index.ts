import type { ApiRoutes } from '../types.ts'
import { evidenceRoutes } from './evidence.ts'
import { exportRoutes } from './export.ts'
import { gradeRoutes } from './grades.ts'
import { leaseRoutes } from './leases.ts'
import { operationRoutes } from './operation.ts'
import { outcomeRoutes } from './outcomes.ts'
import { snapshotRoutes } from './snapshots.ts'
import { taskPartRoutes } from './task-parts.ts'
import { taskRoutes } from './tasks.ts'

/** Every group of routes: one line each. */
export const routes: readonly ApiRoutes[] = [
  taskRoutes,
  taskPartRoutes,
  snapshotRoutes,
  evidenceRoutes,
  leaseRoutes,
  gradeRoutes,
  outcomeRoutes,
  operationRoutes,
  exportRoutes,
]
