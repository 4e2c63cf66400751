/** Electron as nothing but a browser: its windows are opened by the tests. */
const { app } = require('electron')

app.commandLine.appendSwitch('force-color-profile', 'srgb')
app.on('window-all-closed', () => undefined)
