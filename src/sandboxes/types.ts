/**
 * A sandbox runs one command of untrusted code. Inside it the repository is at /testbed, everything else of the
 * environment under /env, the home is empty, uid is 1000 without capabilities, and there is no network but loopback.
 */
export interface SandboxLimits {
  readonly seconds: number
  readonly memoryMiB: number
  readonly processes: number
  /** The largest single file. */
  readonly fileMiB: number
  /** What all writes together may take on the disk. */
  readonly diskMiB: number
  /** Of standard output and standard error each; the rest is dropped and `outputCut` is set. */
  readonly outputMiB: number
  /** Processor numbers that the command may use; empty: all that the machine has. */
  readonly cores: readonly number[]
}

export interface SandboxMount {
  /** Absolute host path of a file, folder or unix socket. */
  readonly source: string
  /** Absolute path in the sandbox, under /env or /quarry. */
  readonly target: string
  readonly writable: boolean
}

export interface SandboxSpec {
  /** Host folders laid over one another at /testbed, topmost first; never written. */
  readonly layers: readonly string[]
  /** Host folder made by `Sandbox.scratch()` that keeps what is written to /testbed between commands; null: thrown away. */
  readonly scratch: string | null
  readonly mounts: readonly SandboxMount[]
  readonly argv: readonly string[]
  /** Relative to /testbed. */
  readonly directory: string
  /** The whole environment of the command, beside HOME, TMPDIR, TZ, LANG, which the sandbox sets. */
  readonly variables: Readonly<Record<string, string>>
  readonly limits: SandboxLimits
  /** Unix socket of a package gateway; inside, it is reached at http://127.0.0.1:4873. Null: loopback alone. */
  readonly gateway: string | null
  readonly signal?: AbortSignal
}

export interface SandboxResult {
  readonly ended: 'exited' | 'timed-out' | 'out-of-memory' | 'disk-full' | 'killed'
  readonly exitCode: number | null
  readonly signal: string | null
  readonly stdout: Buffer
  readonly stderr: Buffer
  readonly outputCut: boolean
  readonly seconds: number
  readonly peakMiB: number | null
}

/** One thing a machine has or lacks, and how to mend it: a row of `quarry doctor`. */
export interface Finding {
  readonly name: string
  readonly ok: boolean
  readonly found: string
  readonly mend: string | null
}

export interface Sandbox {
  readonly name: string
  /** What this machine has and lacks for it. */
  inspect(): Promise<readonly Finding[]>
  /** A fresh scratch folder (see `SandboxSpec.scratch`). */
  scratch(): Promise<string>
  /** Removes a scratch folder, whatever owners and modes the command left in it. */
  discard(scratch: string): Promise<void>
  /**
   * Throws Fault('sandbox') where the sandbox itself could not start; a failing command is a result. What an earlier run wrote is
   * removed after it has been answered: where that failed, the next one throws it, or `close`.
   */
  run(spec: SandboxSpec): Promise<SandboxResult>
  /**
   * Gives a host folder (an unpacked layer, a laid-out snapshot) the ownership under which the sandbox's uid 1000
   * owns it, so that it can be changed in there. Done once, when the folder is made.
   */
  adopt(folder: string): Promise<void>
  /** Ends and removes whatever killed processes of Quarry left behind: processes, cgroups, mounts, scratch folders. */
  sweep(): Promise<{ readonly processes: number; readonly cgroups: number; readonly scratch: number }>
  /** Ends what waits for the next run, and waits until all runs' folders are removed. A process that ends without it leaves folders to `sweep`. */
  close(): Promise<void>
}

/** What a backend is made with. */
export interface SandboxOptions {
  /** Quarry's data folder: scratch goes below it, on a disk that may hold an overlay's upper folder. */
  readonly home: string
  /** A node binary (22.18 or later) that runs Quarry's own part of an install inside. */
  readonly node: string
  /** The tree whose /usr and parts of /etc the sandbox sees; `/`, the default, for the host's own. */
  readonly root?: string
  /** False: keep to the limits by watching alone, as where the machine gives no control groups. */
  readonly controlGroups?: boolean
}

/** One line in the registry. */
export type SandboxFactory = (options: SandboxOptions) => Sandbox
