/** What the demo's app finds when it starts: one account and one drive, in the form main/store-file.ts describes. */
export const demoBucket = 'demo'
export const storeFileName = 'cloudmount.json'
export const keychainService = 'CloudMount'
export const keychainAccount = 'account:demo'

export function demoStore({ endpoint, accessKeyId, mountpoint }) {
  return {
    version: 1,
    settings: { opensAtLogin: false, keepsRunningWhenClosed: false, theme: 'system' },
    accounts: [
      {
        account: {
          id: 'demo',
          name: 'Demo server on this machine',
          provider: 'other',
          endpoint,
          region: 'us-east-1',
          addressing: 'path',
          credentials: { kind: 'static', accessKeyId },
        },
      },
    ],
    drives: [
      {
        drive: {
          id: 'demo',
          accountId: 'demo',
          name: 'Demo',
          bucket: demoBucket,
          prefix: '',
          mountpoint,
          isReadOnly: false,
          consistency: 'close-to-open',
          mountsAtStart: true,
        },
        journal: { state: 'empty' },
      },
    ],
  }
}

export function demoSecret(secretAccessKey) {
  return JSON.stringify({ secretAccessKey })
}
