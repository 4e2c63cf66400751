import { describe, expect, it, vi } from 'vitest'
import { autostartEntry } from './login-item.ts'

vi.mock('electron', () => ({ app: {} }))

describe('the entry that starts us at login', () => {
  it('quotes a path whatever is in it', () => {
    expect(autostartEntry('/opt/My "Apps"/100%/a$b')).toContain('Exec="/opt/My \\"Apps\\"/100%%/a\\$b" --hidden\n')
  })
})
