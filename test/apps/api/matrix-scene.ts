import { eq } from 'drizzle-orm'
import { environments, tasks } from '../../../src/db/schema.ts'
import { addRepository, addTask } from '../../filled-database.ts'
import { type ApiScene, openApiScene } from './scene.ts'

/** acme's task with all its parts; umbrella has none. */
export interface MatrixScene extends ApiScene {
  /** Its name. */
  readonly task: string
  readonly taskId: number
  readonly layer: Buffer
}

export async function openMatrixScene(): Promise<MatrixScene> {
  const scene = await openApiScene()
  const { db, blobs } = scene
  const taskId = await addTask(db, await addRepository(db, 'acme/shop'), 1)
  const layer = Buffer.from('a layer of acme\n'.repeat(1000))
  const { digest, bytes } = await blobs.put(layer)
  const [task] = await db.select().from(tasks).where(eq(tasks.id, taskId))
  await db
    .update(environments)
    .set({ blob: digest, layerBytes: bytes, unpackedBytes: bytes })
    .where(eq(environments.id, task?.environmentId ?? 0))
  return { ...scene, taskId, layer, task: 'acme__shop-1' }
}
