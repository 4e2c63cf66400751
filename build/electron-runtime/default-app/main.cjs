'use strict'
/** What Electron's own default app does for us: `electron [-r MODULE]… [--flag]… FOLDER` runs the application in FOLDER. */
const { app } = require('electron')
const { readFileSync } = require('node:fs')
const Module = require('node:module')
const path = require('node:path')

function parse(words) {
  const required = []
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index]
    if (word === '-r' || word === '--require') required.push(words[(index += 1)])
    else if (!word.startsWith('-')) return { required, folder: path.resolve(word) }
  }
  return { required, folder: undefined }
}

const { required, folder } = parse(process.argv.slice(1))
if (folder === undefined) {
  console.error('Usage: electron [-r MODULE] FOLDER')
  process.exit(2)
}

Object.defineProperty(process, 'defaultApp', { value: true, enumerable: true })
const description = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
app.setName(description.productName ?? description.name)
app.setVersion(description.version)
app.setAppPath(folder)
for (const module of required) require(module)
Module._load(path.join(folder, description.main), null, true)
