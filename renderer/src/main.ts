import '@fontsource-variable/inter'
import './styles/tokens.css'
import './styles/base.css'
import './styles/controls.css'
import './styles/overlays.css'
import { mount } from 'svelte'
import type { CloudMountBridge } from '../../contracts/ipc.ts'
import App from './App.svelte'
import { Application } from './state/application.svelte.ts'
import { WindowState } from './state/window-state.svelte.ts'

declare global {
  interface Window {
    readonly cloudmount: CloudMountBridge
  }
}

const target = document.getElementById('app')
if (target === null) throw new Error('the page has no place for the window')
mount(App, { target, props: { application: new Application(window.cloudmount), windowState: new WindowState() } })
