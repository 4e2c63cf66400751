'use strict'
/** An Electron that came out of a folder brings its default app, which a package has no use for. */
const { rmSync } = require('node:fs')
const path = require('node:path')

exports.default = ({ electronPlatformName, appOutDir }) => {
  if (electronPlatformName === 'linux') rmSync(path.join(appOutDir, 'resources', 'default_app.asar'), { force: true })
}
