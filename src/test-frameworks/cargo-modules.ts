import { posix } from 'node:path'

/**
 * The source file that holds a module: from the target's root down its path, as rustc looks for the files of modules, as long as there are any; a
 * module without a file of its own is in its parent's. What `#[path]` leads elsewhere counts for the parent too.
 */
export function moduleFile(root: string, modules: readonly string[], sources: ReadonlySet<string>): string {
  let file = root
  let folder = posix.dirname(root)
  for (const name of modules) {
    const found = [`${folder}/${name}.rs`, `${folder}/${name}/mod.rs`].find(
      (path) => path !== root && sources.has(path),
    )
    file = found ?? file
    folder = `${folder}/${name}`
  }
  return file
}
