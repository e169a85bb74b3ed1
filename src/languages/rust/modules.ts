import type { Node } from '../parse.ts'
import { attributeTexts, isForTests, itemsIn } from './attributes.ts'
import { bodyOf } from './test-items.ts'

/** A module whose text is in a file of its own. */
export interface ModuleFile {
  /** As a module specifier: `./tests`, `./inner/tests`; with its ending where an attribute names the file. */
  readonly file: string
  /** It is compiled for tests alone. */
  readonly forTests: boolean
}

/** `mod name;` of a file, also inside its modules. */
export function modulesOf(root: Node): readonly ModuleFile[] {
  const found: ModuleFile[] = []
  const collect = (holder: Node, folder: string, forTests: boolean): void => {
    for (const { item, attributes } of itemsIn(holder)) {
      if (item.type !== 'mod_item') continue
      const name = item.childForFieldName('name')?.text ?? ''
      const tests = forTests || isForTests(attributes)
      const body = bodyOf(item)
      const stated = attributeTexts(attributes)
        .map((text) => /^path="(?<path>[^"]+)"$/.exec(text)?.groups?.path)
        .find((path) => path !== undefined)
      if (body !== null) collect(body, `${folder}${name}/`, tests)
      else found.push({ file: `${folder}${stated ?? name}`, forTests: tests })
    }
  }
  collect(root, './', false)
  return found
}

/** What `use` declarations name, as far as it is a path: `crate::uri::Path`, `std::fmt`. */
export function usesOf(root: Node): readonly string[] {
  return root.descendantsOfType(['use_declaration', 'extern_crate_declaration']).flatMap((node) => {
    const argument = node.childForFieldName('argument') ?? node.childForFieldName('name')
    const path = /^[\w:]+/.exec(argument?.text.replaceAll(/\s+/g, '') ?? '')?.[0].replace(/::$/, '')
    return path === undefined ? [] : [path]
  })
}
