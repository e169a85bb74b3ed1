import { harbor } from './harbor/index.ts'
import { jsonl } from './jsonl.ts'
import { multiSweBench } from './multi-swe-bench.ts'
import { nemoGym } from './nemo-gym.ts'
import { parquet } from './parquet/index.ts'
import { swebench } from './swebench.ts'
import type { ExportFormat } from './types.ts'

export { type ExportBody, exportBody } from './body.ts'
export type * from './types.ts'
export { writeExport } from './write.ts'

/** Every export format: one line each. */
export const exportFormats: readonly ExportFormat[] = [swebench, multiSweBench, nemoGym, harbor, parquet, jsonl]

/** The format of that name, or null. */
export function formatNamed(name: string): ExportFormat | null {
  return exportFormats.find((format) => format.name === name) ?? null
}
