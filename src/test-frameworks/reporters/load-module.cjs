/* In a file of its own: `import()` is a syntax error for the oldest versions of Node.js, which never come here. */
'use strict'

module.exports = function loadModule(file) {
  return import(require('url').pathToFileURL(file).href)
}
