import type { ApiRoutes } from '../types.ts'
import { operationRoutes } from './operation.ts'
import { taskPartRoutes } from './task-parts.ts'
import { taskRoutes } from './tasks.ts'

/** Every group of routes: one line each. */
export const routes: readonly ApiRoutes[] = [taskRoutes, taskPartRoutes, operationRoutes]
