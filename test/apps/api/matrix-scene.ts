import { eq } from 'drizzle-orm'
import { environments, grades, tasks } from '../../../src/db/schema.ts'
import { addRepository, addTask } from '../../filled-database.ts'
import { type ApiScene, openApiScene } from './scene.ts'

/** acme's task with all its parts; umbrella has none. */
export interface MatrixScene extends ApiScene {
  /** Its name. */
  readonly task: string
  readonly taskId: number
  readonly layer: Buffer
  /** One that is done and has a log, asked for by a token that sees every owner. */
  readonly grade: string
  /** One of a token that sees every owner. */
  readonly lease: string
}

export async function openMatrixScene(settings: Parameters<typeof openApiScene>[0] = {}): Promise<MatrixScene> {
  const scene = await openApiScene(settings)
  const { db, blobs } = scene
  const taskId = await addTask(db, await addRepository(db, 'acme/shop'), 1)
  const layer = Buffer.from('a layer of acme\n'.repeat(1000))
  const { digest, bytes } = await blobs.put(layer)
  const [task] = await db.select().from(tasks).where(eq(tasks.id, taskId))
  await db
    .update(environments)
    .set({ blob: digest, layerBytes: bytes, unpackedBytes: bytes })
    .where(eq(environments.id, task?.environmentId ?? 0))
  const name = 'acme__shop-1'
  const asked = (await scene.post('/v1/grades', { task: name, patch: 'a patch of acme' })).json()
  const log = await blobs.put(Buffer.from('printed for acme'))
  await db.update(grades).set({ state: 'done', verdict: 'patch-rejected', reward: 0, log: log.digest })
  const lease = (await scene.post('/v1/leases', { consumer: 'scene', count: 1 })).json()
  return { ...scene, lease: lease.lease, taskId, layer, task: name, grade: asked.grades[0].grade }
}
