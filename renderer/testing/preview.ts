import type { CloudMountBridge } from '../../contracts/ipc.ts'
import { languages } from '../../language/languages.ts'
import { FakeBridge } from './fake-bridge.ts'
import { scenarioOf } from './scenarios.ts'

/** `?scenario=NAME` picks what the window finds; the checks reach the fake through `window.fake`. */
const query = new URLSearchParams(location.search)
// A language nobody speaks, to see that all words follow and that they run the other way.
languages['ar-XB'] = {
  name: 'اختبار',
  direction: 'rtl',
  messages: { 'settings.title': 'الإعدادات', 'settings.general': 'عام' },
}
const fake = new FakeBridge(scenarioOf(query.get('scenario')), { isLive: query.has('live') })
const bridge: CloudMountBridge = {
  request: (name, params) => fake.request(name, params),
  pathsOf: (files) => fake.pathsOf(files),
  onEvent: (listener) => fake.onEvent(listener),
}
Object.defineProperty(window, 'cloudmount', { value: Object.freeze(bridge) })
Object.defineProperty(window, 'fake', { value: fake })
await import('../src/main.ts')
