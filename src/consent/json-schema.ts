import { z } from 'zod'
import { repositorySettingsSchema } from '../model/index.ts'

/** The JSON Schema of `.github/quarry.yml`, for editors; docs/quarry.schema.json is its copy. */
export function settingsJsonSchema(): object {
  return {
    ...schema,
    title: 'Quarry',
    description: 'How Quarry mines this repository (.github/quarry.yml). Every key may be left out.',
  }
}

const schema = z.toJSONSchema(repositorySettingsSchema, { io: 'input' })

export interface KnownAt {
  /** The keys that are known here; none where it is no mapping. */
  readonly keys: readonly string[]
  /** A value that would be right here. */
  readonly example: unknown
}

/** What the schema knows of a place; indexes of lists are passed over. */
export function knownAt(path: readonly PropertyKey[]): KnownAt {
  let here: z.core.JSONSchema.BaseSchema = schema
  for (const key of path) {
    if (typeof key !== 'string') continue
    const next = here.properties?.[key]
    if (typeof next !== 'object') return { keys: [], example: undefined }
    here = next
  }
  return { keys: Object.keys(here.properties ?? {}), example: here.examples?.[0] }
}
