/** Two drives on one bucket, as two computers would have them: edited apart, settled in the window, and every version accounted for. */
import { createHash, randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Locator } from '@playwright/test'
import { Line } from './testing/line.ts'
import { picture } from './testing/pictures.ts'
import { mountsWithinMs, type CloudMountWindow } from './testing/window.ts'
import { bucket, expect, test, type World } from './testing/world.ts'

test.setTimeout(240_000)

const patience = { timeout: mountsWithinMs }
type Side = 'here' | 'there'
const texts = ['plan.txt', 'budget.txt', 'list.txt', 'minutes.txt']

/** Every content that was ever saved, to be found again at the end. */
class Versions {
  readonly all = new Map<string, Buffer>()

  text(name: string, side: Side | 'first'): Buffer {
    return this.#keep(`${name}, ${side}`, Buffer.from(`${name}\nfirst line\nsaved ${side}\nlast line\n`))
  }

  bytes(name: string, side: Side | 'first', size: number): Buffer {
    return this.#keep(`${name}, ${side}`, randomBytes(size))
  }

  #keep(title: string, content: Buffer): Buffer {
    this.all.set(title, content)
    return content
  }
}

test('files edited here and by another client are settled in the window, and no version is lost', async ({ world }) => {
  const line = await Line.to(world.server.endpoint)
  try {
    await editAndSettle(world, line)
  } finally {
    await line.close()
  }
})

async function editAndSettle(world: World, line: Line): Promise<void> {
  const versions = new Versions()
  const app = await world.start()
  const window = await app.window()
  const places = { here: await world.emptyFolder('here'), there: await world.emptyFolder('there') }
  await window.addAccount({ ...world.account, name: 'Wire' })
  await window.addAccount({ ...world.account, name: 'Line', endpoint: line.endpoint })
  await window.addDrive({ bucket, account: 'Wire', name: 'Here', mountpoint: places.here })
  await window.addDrive({ bucket, account: 'Line', name: 'There', mountpoint: places.there })
  for (const name of ['Here', 'There']) await window.driveIsMounted(name)
  const save = (side: Side, name: string, content: Buffer) => writeFile(path.join(places[side], name), content)
  const stored = (name: string) => expect.poll(async () => inShort(await world.object(name)), patience)

  await test.step('both begin with the same files', async () => {
    const names = [...texts, 'online.txt']
    for (const name of names) await save('here', name, versions.text(name, 'first'))
    await save('here', 'film.bin', versions.bytes('film.bin', 'first', 100_000))
    for (const name of [...names, 'film.bin']) {
      const first = inShort(versions.all.get(`${name}, first`))
      await stored(name).toBe(first)
      await expect.poll(async () => inShort(await contentAt(path.join(places.there, name))), patience).toBe(first)
    }
    await window.show('Drives')
  })

  await test.step('edited on both while one is offline', async () => {
    line.cut()
    for (const name of texts) {
      await save('there', name, versions.text(name, 'there'))
      await save('here', name, versions.text(name, 'here'))
    }
    for (const name of texts) await stored(name).toBe(inShort(versions.all.get(`${name}, here`)))
    line.mend()
    await expect(window.driveState('There')).toContainText('4 conflicts', patience)
  })

  await test.step('edited on both at once, online', async () => {
    const [here, there] = [versions.text('online.txt', 'here'), versions.text('online.txt', 'there')]
    await Promise.all([save('here', 'online.txt', here), save('there', 'online.txt', there)])
  })

  await test.step('edited by the other half-way through an upload', async () => {
    let parts = 0
    world.server.setFaults(({ operation }) =>
      operation === 'UploadPart' && ++parts > 1 ? { kind: 'error', code: 'SlowDown', status: 503 } : undefined,
    )
    await save('here', 'film.bin', versions.bytes('film.bin', 'here', 20 * 1024 * 1024))
    await expect.poll(() => world.openUploads(), patience).toBe(1)
    await save('there', 'film.bin', versions.bytes('film.bin', 'there', 50_000))
    await stored('film.bin').toBe(inShort(versions.all.get('film.bin, there')))
    world.server.setFaults(undefined)
  })

  await window.show('Conflicts')
  const rows = window.page.getByRole('grid', { name: 'Conflicts' }).getByRole('row')
  const row = (name: string) => rows.filter({ hasText: name })
  await expect(rows).toHaveCount(6, patience)
  await expect(window.navigation('Conflicts')).toHaveAccessibleDescription('6 conflicts need you')
  await picture(app, window, 'conflicts-list')

  await test.step('mine is kept, after it was taken back once', async () => {
    await row('plan.txt').click()
    await window.page.getByRole('button', { name: 'Keep mine' }).click()
    await window.page.getByRole('button', { name: 'Undo' }).click()
    await expect(row('plan.txt')).toContainText('Edited here and by another client', patience)
    expect((await world.object('plan.txt'))?.equals(versions.all.get('plan.txt, here') ?? Buffer.alloc(0))).toBe(true)
    await row('plan.txt').click()
    await window.page.getByRole('button', { name: 'Keep mine' }).click()
  })

  await test.step('theirs is kept, and both are', async () => {
    await row('budget.txt').click()
    await window.page.getByRole('button', { name: 'Keep theirs' }).click()
    await row('list.txt').click()
    await window.page.getByRole('button', { name: 'Keep both' }).click()
    await picture(app, window, 'conflicts-chosen')
  })

  await test.step('by keyboard alone', async () => {
    const { keyboard } = window.page
    await tabTo(window, window.navigation('Conflicts'))
    await keyboard.press('Enter')
    await tabTo(window, window.page.getByRole('grid', { name: 'Conflicts' }))
    await keyboard.press('Home')
    await moveTo(window, row('online.txt'))
    await keyboard.press('m')
    await expect(row('online.txt')).not.toContainText('Edited here and by another client')
    await keyboard.press('Control+z')
    await expect(row('online.txt')).toContainText('Edited here and by another client', patience)
    await keyboard.press('b')
  })

  await test.step('compared and merged', async () => {
    await window.page.getByRole('button', { name: 'Compare minutes.txt' }).click()
    await expect(window.page.getByText('1 difference. Mine is on the left.')).toBeVisible(patience)
    await picture(app, window, 'conflict-comparison')
    await window.page.getByRole('button', { name: 'Merge…' }).click()
    await window.page.getByRole('button', { name: 'Both', exact: true }).click()
    await picture(app, window, 'conflict-merge')
    await window.page.getByRole('button', { name: 'Save merged version' }).click()
    await stored('minutes.txt').toBe(
      inShort(Buffer.from('minutes.txt\nfirst line\nsaved there\nsaved here\nlast line\n')),
    )
  })

  await test.step('a file that cannot be shown, settled from its comparison', async () => {
    // The only one without a choice is next.
    await expect(window.page.getByRole('heading', { name: 'film.bin' })).toBeVisible(patience)
    await window.page.getByRole('button', { name: 'All conflicts' }).click()
    await row('film.bin').dblclick()
    await expect(window.page.getByText('Open both sides to compare them')).toBeVisible(patience)
    await picture(app, window, 'conflict-that-cannot-be-shown')
    await window.page.getByRole('button', { name: 'Keep mine' }).click()
  })

  await test.step('every choice is carried out', async () => {
    await window.show('Drives')
    for (const name of ['Here', 'There']) await window.everythingIsUploaded(name)
    await window.show('Conflicts')
    await expect(window.page.getByText('Nothing waits for you')).toBeVisible(patience)
    const equals = async (key: string, version: string) =>
      expect((await world.object(key))?.equals(versions.all.get(version) ?? Buffer.alloc(0)), key).toBe(true)
    await equals('plan.txt', 'plan.txt, there')
    await equals('budget.txt', 'budget.txt, here')
    await equals('list.txt', 'list.txt, here')
    await equals(copyOf(world, 'list'), 'list.txt, there')
    await equals('film.bin', 'film.bin, here')
    const online = [await world.object('online.txt'), await world.object(copyOf(world, 'online'))].map(String).sort()
    expect(online).toEqual(
      [versions.all.get('online.txt, here'), versions.all.get('online.txt, there')].map(String).sort(),
    )
  })

  await test.step('no version is lost, but those that were replaced in the bucket before anybody knew', async () => {
    const kept = [...(await recovered(world)), ...(await Promise.all(world.keys().map((key) => world.object(key))))]
    const isKept = (content: Buffer) => kept.some((one) => one?.equals(content))
    const lost = [...versions.all].flatMap(([title, content]) => (isKept(content) ? [] : [title]))
    expect(lost.filter((title) => !title.endsWith('first'))).toEqual([])
  })

  await test.step('what was discarded is listed, looked at and restored', async () => {
    await window.page.getByRole('radio', { name: 'Recovered files' }).click()
    const restore = window.page.getByRole('button', { name: 'Restore budget.txt' })
    await expect(restore).toBeVisible(patience)
    await picture(app, window, 'recovered-files')
    await window.page.getByRole('button', { name: 'Preview budget.txt' }).click()
    await expect(window.page.getByRole('dialog')).toContainText('saved there')
    await picture(app, window, 'recovered-preview')
    await window.page.getByRole('button', { name: 'Close' }).click()
    const before = new Set(world.keys())
    await restore.click()
    await expect.poll(() => world.keys().filter((key) => !before.has(key)).length, patience).toBe(1)
    const [key = ''] = world.keys().filter((one) => !before.has(one))
    await stored(key).toBe(inShort(versions.all.get('budget.txt, there')))
  })
}

/** Short enough to be told where it is not what it should be. */
function inShort(content: Buffer | undefined): string {
  if (content === undefined) return 'nothing'
  const start = content.length < 200 ? content.toString() : createHash('sha256').update(content).digest('hex')
  return `${content.length} bytes: ${start}`
}

/** Undefined as long as there is nothing. */
async function contentAt(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** The name of the copy that “Keep both” makes. */
function copyOf(world: World, name: string): string {
  const copies = world.keys().filter((key) => key.startsWith(`${name} (conflicted copy, `))
  expect(copies).toHaveLength(1)
  return copies[0] ?? ''
}

async function tabTo({ page }: CloudMountWindow, target: Locator): Promise<void> {
  const focused = target.and(page.locator(':focus'))
  for (let steps = 0; steps < 40 && (await focused.count()) === 0; steps += 1) await page.keyboard.press('Tab')
  await expect(target).toBeFocused()
}

async function moveTo({ page }: CloudMountWindow, row: Locator): Promise<void> {
  const id = await row.getAttribute('id')
  const grid = page.getByRole('grid', { name: 'Conflicts' })
  for (let steps = 0; steps < 10 && (await grid.getAttribute('aria-activedescendant')) !== id; steps += 1)
    await page.keyboard.press('ArrowDown')
  await expect(grid).toHaveAttribute('aria-activedescendant', id ?? '')
}

/** The contents of the recovery folders of all drives. */
async function recovered(world: World): Promise<Buffer[]> {
  const entries = await readdir(world.userData, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && entry.parentPath.split(path.sep).includes('recovered'))
  return Promise.all(files.map((file) => readFile(path.join(file.parentPath, file.name))))
}
