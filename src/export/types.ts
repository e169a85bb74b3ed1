import type { Digest } from '../blobs/types.ts'
import type { Mirror } from '../git/index.ts'
import type { FullTask } from '../query/tasks.ts'

/** What a format may need beside the tasks themselves. Each is asked for only by formats that write more than rows hold. */
export interface ExportSources {
  /** Throws the `Fault` `blob-missing` where it is not there. */
  blob(digest: Digest): Promise<Buffer>
  /** The repository that holds a task's trees, open while `work` goes on; what it writes there is gone after. */
  withMirror<T>(task: FullTask, work: (mirror: Mirror) => Promise<T>): Promise<T>
  programs(): Promise<ContainerPrograms>
}

/** Parts of Quarry as they run inside a task's container: files by name, relative to a folder of their own. */
export interface ContainerPrograms {
  /** `install.mjs` and what it needs: installs as recorded, with the registry as it was on the task's date. */
  readonly install: ReadonlyMap<string, Buffer>
  /** `verifier.mjs` and what it needs: puts the tests back, runs them and compares, by the very code that grades. */
  readonly verifier: ReadonlyMap<string, Buffer>
  /** Packages that they load and no bundle can hold (native code): name → exact version. */
  readonly packages: Readonly<Record<string, string>>
  /** Exact version of the Node.js that they are made for. */
  readonly node: string
}

/** One file of a folder. A host file is there until the next one is asked for. */
export interface ExportFile {
  /** Relative to the export's folder, parted by `/`. */
  readonly path: string
  readonly mode: 0o644 | 0o755
  readonly content: Buffer | { readonly file: string }
}

interface Named {
  readonly name: string
  readonly title: string
}

/** One file of JSON Lines: a task a line. */
export interface LineFormat extends Named {
  readonly makes: 'lines'
  /** What stands in the task's line: plain JSON, its keys in the order of the format. */
  line(task: FullTask): object
}

/** A folder of files, given one after the other while the tasks come in. */
export interface FolderFormat extends Named {
  readonly makes: 'folder'
  /** Holds one task at a time, or a bounded part of many. Each path comes once. */
  files(tasks: AsyncIterable<FullTask>, sources: ExportSources): AsyncIterable<ExportFile>
}

/** A way out for tasks: writes them as another tool reads them. The same tasks give the same bytes, whenever and wherever. */
export type ExportFormat = LineFormat | FolderFormat
