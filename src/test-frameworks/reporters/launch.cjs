/*
 * Starts a framework's own program in this process, so that node's arguments hold for it:
 *   node … launch.cjs <package> <program> <arguments …>
 * The package is looked up from the working directory upwards, as its `node_modules/.bin` entry may be a shell script.
 * `prepare-<package>.cjs` beside this file, where there is one, adjusts the arguments to the installed version.
 *
 * Written in ES5: it runs in whatever Node.js the repository means.
 */
'use strict'

var fs = require('fs')
var Module = require('module')
var path = require('path')

/** Makes Yarn's Plug'n'Play known to this process and its workers where it is not yet. */
function setUpPlugAndPlay() {
  var folder = findUp('.pnp.cjs')
  if (folder === null || process.versions.pnp) return
  var loader = path.join(folder, '.pnp.cjs')
  process.env.NODE_OPTIONS = ((process.env.NODE_OPTIONS || '') + ' --require ' + loader).trim()
  require(loader).setup()
  var esm = path.join(folder, '.pnp.loader.mjs')
  if (fs.existsSync(esm) && Module.register) Module.register(require('url').pathToFileURL(esm))
}

/** The nearest folder from the working directory upwards that holds `name`, or null. */
function findUp(name) {
  for (var folder = process.cwd(); ; folder = path.dirname(folder)) {
    if (fs.existsSync(path.join(folder, name))) return folder
    if (path.dirname(folder) === folder) return null
  }
}

function packageFolder(name) {
  var parent = findUp(path.join('node_modules', name, 'package.json'))
  if (parent !== null) return path.join(parent, 'node_modules', name)
  if (process.versions.pnp) return require('pnpapi').resolveToUnqualified(name, process.cwd() + '/')
  throw new Error('The package ' + name + ' is not installed in ' + process.cwd() + ' or above')
}

function programOf(folder, name) {
  var manifest = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'))
  var bin = typeof manifest.bin === 'string' ? manifest.bin : manifest.bin && manifest.bin[name]
  if (!bin) throw new Error('The package ' + manifest.name + '@' + manifest.version + ' has no program ' + name)
  return { file: path.join(folder, bin), version: manifest.version }
}

function launch(name, bin, given) {
  setUpPlugAndPlay()
  var folder = packageFolder(name)
  var program = programOf(folder, bin)
  var prepare = path.join(__dirname, 'prepare-' + name + '.cjs')
  function start(adjusted) {
    process.argv = [process.argv[0], program.file].concat(adjusted)
    Module.runMain()
  }
  if (!fs.existsSync(prepare)) return start(given)
  require(prepare)(given, { folder: folder, major: parseInt(program.version, 10) }, start)
}

launch(process.argv[2], process.argv[3], process.argv.slice(4))
