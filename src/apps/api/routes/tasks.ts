import { z } from 'zod'
import { asCaller } from '../../../db/as-caller.ts'
import { findTask } from '../../../query/tasks.ts'
import { notFound } from '../problem.ts'
import { taskParams } from '../schemas.ts'
import type { ApiRoutes } from '../types.ts'

const taskSchema = z.object({ task: z.string(), revision: z.int(), content_hash: z.string() })

export const taskRoutes: ApiRoutes = (api, { db }) => {
  api.get(
    '/tasks/:task',
    {
      config: { scope: 'tasks:read' },
      schema: {
        operationId: 'getTask',
        tags: ['tasks'],
        summary: 'One task',
        params: taskParams,
        response: { 200: taskSchema },
      },
    },
    async ({ params, caller }) => {
      const task = await asCaller(db, caller, (tx) => findTask(tx, params.task))
      if (task === null) throw notFound(`task ${params.task}`)
      return { task: task.name, revision: task.revision, content_hash: task.contentHash }
    },
  )
}
