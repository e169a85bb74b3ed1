/** What every sandbox looks like from inside: the same paths, names and numbers whatever backs it. */

/** Where the repository is, as in SWE-bench images. */
export const TESTBED = '/testbed'
/** Below it each tool of the environment has a folder of its own. */
export const ENVIRONMENT = '/env'
/** Below it Quarry's own files are mounted: reports, the gateway's door. */
export const QUARRY = '/quarry'
export const SANDBOX_HOME = '/home/quarry'
export const HOST_NAME = 'sandbox'
export const USER_NAME = 'quarry'
export const USER_ID = 1000

/** The port of 127.0.0.1 at which an install finds the package gateway. */
export const GATEWAY_PORT = 4873

/** Variables of every command; a spec's own go over them. */
export const BASE_VARIABLES: Readonly<Record<string, string>> = {
  HOME: SANDBOX_HOME,
  USER: USER_NAME,
  LOGNAME: USER_NAME,
  SHELL: '/bin/sh',
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  TMPDIR: '/tmp',
  TZ: 'UTC',
  LANG: 'C.UTF-8',
}
