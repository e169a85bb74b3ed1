/**
 * What every git process of Quarry is told: nothing of the machine's or the user's git configuration may change a tree,
 * a patch or where a fetch goes. The settings travel in variables, so none stands in an argument list.
 */
const settings: Readonly<Record<string, string>> = {
  'protocol.allow': 'never',
  'protocol.file.allow': 'always',
  'protocol.git.allow': 'always',
  'protocol.http.allow': 'always',
  'protocol.https.allow': 'always',
  'protocol.ssh.allow': 'always',
  'safe.directory': '*',
  'core.hooksPath': '/dev/null',
  'core.attributesFile': '/dev/null',
  'core.excludesFile': '/dev/null',
  'core.fsmonitor': 'false',
  'core.autocrlf': 'false',
  'core.symlinks': 'true',
  'core.filemode': 'true',
  // Newer gits read attributes of HEAD in a bare repository; the empty tree keeps patches the same in all versions.
  'attr.tree': '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'credential.helper': '',
}

/** Variables of a surrounding git process (a hook, say) that would redirect ours. */
const unset = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_CONFIG',
  'GIT_CONFIG_PARAMETERS',
  'GIT_NAMESPACE',
  'GIT_PREFIX',
  'GIT_SHALLOW_FILE',
  'GIT_GRAFT_FILE',
  'GIT_EXTERNAL_DIFF',
  'GIT_DIFF_OPTS',
  'GIT_LITERAL_PATHSPECS',
  'GIT_GLOB_PATHSPECS',
  'GIT_NOGLOB_PATHSPECS',
  'GIT_ICASE_PATHSPECS',
  'GIT_ATTR_SOURCE',
  'GIT_TRACE',
  'GIT_REPLACE_REF_BASE',
  'GIT_CEILING_DIRECTORIES',
  'GIT_AUTHOR_NAME',
  'GIT_AUTHOR_EMAIL',
  'GIT_AUTHOR_DATE',
  'GIT_COMMITTER_NAME',
  'GIT_COMMITTER_EMAIL',
  'GIT_COMMITTER_DATE',
  'GIT_SSH',
  'GIT_PROXY_COMMAND',
]

/** The variables to add to the inherited ones; `undefined` takes one away. `extra` holds further git settings, secrets too. */
export function gitVariables(extra: Readonly<Record<string, string>> = {}): Record<string, string | undefined> {
  const variables: Record<string, string | undefined> = {}
  for (const name of unset) variables[name] = undefined
  const entries = Object.entries({ ...settings, ...extra })
  entries.forEach(([key, value], index) => {
    variables[`GIT_CONFIG_KEY_${index}`] = key
    variables[`GIT_CONFIG_VALUE_${index}`] = value
  })
  return {
    ...variables,
    GIT_CONFIG_COUNT: String(entries.length),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'true',
    GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -o ConnectTimeout=20',
    GIT_OPTIONAL_LOCKS: '0',
    // A replace ref would show another object under a known id.
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
    LC_ALL: 'C',
  }
}
