/** A drive with files in every state and names of every kind: in Files, Transfers, Conflicts and Activity, from empty to full. */
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Locator } from '@playwright/test'
import type { FaultRule } from '../demo-server/server.ts'
import { picture, zoomTo } from './testing/pictures.ts'
import type { RunningApp } from './testing/running-app.ts'
import { mountsWithinMs, type CloudMountWindow, type Screen } from './testing/window.ts'
import { bucket, expect, test, type World } from './testing/world.ts'

test.setTimeout(600_000)
const soon = { timeout: mountsWithinMs }
/** As long as a name can be, in a folder that makes it as long as a key can be. */
const longName = `${'a very long name '.repeat(14)}.txt`
const longFolder = ['one', 'two', 'three'].map((word) => `${word} ${'and on '.repeat(34)}`.trim()).join('/')
const rightToLeft = 'رحلة إلى البحر ٢٠٢٦.txt'
const picturesApart = 'sketch.png'
const inConflict = [longName, rightToLeft, 'plan.txt', picturesApart]
const megabyte = 1_000_000

test('files in every state, with names of every kind', async ({ world }) => {
  const stage = await Stage.set(world)
  await stage.empty()
  await stage.everyState()
  await stage.files()
  await stage.transfers()
  await stage.conflicts()
  await stage.rest()
})

class Stage {
  readonly #world: World
  readonly #app: RunningApp
  readonly #window: CloudMountWindow
  readonly #mountpoint: string

  private constructor(world: World, app: RunningApp, window: CloudMountWindow, mountpoint: string) {
    this.#world = world
    this.#app = app
    this.#window = window
    this.#mountpoint = mountpoint
  }

  static async set(world: World): Promise<Stage> {
    const app = await world.start()
    return new Stage(world, app, await app.window(), await world.emptyFolder('drive'))
  }

  async empty(): Promise<void> {
    for (const screen of ['Files', 'Transfers', 'Conflicts', 'Activity'] as const)
      await this.#show(screen, `${screen.toLowerCase()}-none`)
    await this.#window.addAccount(this.#world.account)
    await this.#window.addDrive({ bucket, mountpoint: this.#mountpoint })
    await this.#window.driveIsMounted(bucket)
    await this.#browse()
    await expect(this.#page.getByText('“papers” is empty')).toBeVisible(soon)
    await this.#look('files-empty-drive')
    await this.#window.show('Drives')
  }

  /** Brought about while uploads rest, so that what is refused, held or in conflict is so from its first attempt on. */
  async everyState(): Promise<void> {
    await this.#world.server.storage.buckets.get(bucket)?.saveSettings({ versioning: 'Enabled' })
    const there = ['notes.txt', 'kept.bin', 'online only.txt', 'wanted.bin', `${longFolder}/${longName}`, ...inConflict]
    for (const key of there) await this.#world.client.put(bucket, key, randomBytes(60_000))
    for (const key of there) await this.#read(key)
    for (const name of ['online only.txt', 'wanted.bin']) await this.#free(name)
    await this.#pause()
    for (const name of inConflict) await this.#save(name, await this.#version(name, 'mine'))
    await this.#window.show('Activity')
    for (const name of inConflict) await this.#world.client.put(bucket, name, await this.#version(name, 'theirs'))
    await this.#window.show('Drives')
    await mkdir(path.join(this.#mountpoint, 'empty folder'))
    for (const name of ['refused.txt', 'tried again.txt', 'Thumbs.db']) await this.#save(name, 'x')
    await this.#save('film.bin', randomBytes(20 * megabyte))
    for (let count = 1; count <= 12; count += 1) await this.#save(`photo ${count}.jpg`, randomBytes(megabyte))
    this.#world.server.setFaults(refusingAndHolding())
    await this.#window.card(bucket).getByRole('button', { name: 'Resume' }).click()
    await expect(this.#window.navigation('Conflicts')).toHaveAccessibleDescription('4 conflicts need you', soon)
    await expect(this.#window.card(bucket)).toContainText('does not accept the request for “refused.txt”', soon)
    await this.#look('drive-conflicts-and-blocked')
  }

  async files(): Promise<void> {
    await this.#browse()
    await this.#row(/^kept\.bin/).click()
    await this.#page.getByRole('button', { name: 'Keep offline' }).click()
    await expect(this.#row(/^kept\.bin, Kept offline/)).toBeVisible(soon)
    await expect(this.#row(/^film\.bin, Uploading/)).toBeVisible(soon)
    await this.#look('files-every-state')
    await this.#grid.press('End')
    await expect(this.#row(/^tried again/)).toBeVisible()
    await this.#look('files-every-state-end')
    await this.#row(/^refused\.txt/).click()
    await this.#page.keyboard.press('Control+i')
    await expect(this.#page.getByRole('region', { name: 'Details' })).toContainText('refused.txt')
    await this.#look('file-details-refused')
    await this.#row(/^رحلة/).click()
    await this.#look('file-details-right-to-left')
    await this.#grid.press('Home')
    await this.#row(/^a very long name/).click()
    await this.#look('file-details-long-name')
    await zoomTo(this.#app, 2)
    await this.#look('file-details-twice-the-size')
    await zoomTo(this.#app, 1)
    await this.#page.getByRole('button', { name: 'Close details' }).click()
    await this.#menusAndDialogs()
    await this.#keepWhatDoesNotCome()
  }

  async #keepWhatDoesNotCome(): Promise<void> {
    const others = refusingAndHolding()
    this.#world.server.setFaults((asked) =>
      asked.operation === 'GetObject' && asked.key === 'wanted.bin' ? { kind: 'hang' } : others(asked),
    )
    await this.#grid.press('Backspace')
    await expect(this.#row(/^empty folder/)).toBeVisible(soon)
    await this.#grid.press('End')
    await this.#row(/^wanted\.bin/).click()
    await this.#page.getByRole('button', { name: 'Keep offline' }).click()
    await expect(this.#row(/^wanted\.bin, Downloading/)).toBeVisible(soon)
    await this.#look('file-being-kept')
    this.#world.server.setFaults(others)
  }

  async #menusAndDialogs(): Promise<void> {
    await this.#row(/^a very long name/).click({ button: 'right' })
    await this.#look('file-menu')
    await this.#page.getByRole('menuitem', { name: 'Versions…' }).click()
    await expect(this.#window.dialog(/^Versions of/)).toBeVisible(soon)
    await this.#look('file-versions')
    await this.#page.keyboard.press('Escape')
    await this.#grid.press('F2')
    await expect(this.#window.dialog(/^Rename/)).toBeVisible()
    await this.#look('file-rename-long-name')
    await this.#page.keyboard.press('Escape')
    await this.#drag('dragover')
    await expect(this.#page.getByText('Drop to add to “papers”')).toBeVisible()
    await this.#look('files-drag-over')
    await this.#drag('dragleave')
    await this.#row(/^notes\.txt/).click()
    await this.#page.keyboard.press('Delete')
    await expect(this.#window.question('Delete “notes.txt”?')).toContainText('keeps older versions', soon)
    await this.#look('file-delete-question-with-versions')
    await this.#window.question('Delete “notes.txt”?').getByRole('button', { name: 'Delete' }).click()
    await expect(this.#row(/^notes\.txt, Will be deleted/)).toBeVisible(soon)
    await this.#look('file-will-be-deleted')
    await this.#row(/^empty folder/).dblclick()
    await expect(this.#page.getByText('“empty folder” is empty')).toBeVisible(soon)
    await this.#look('files-empty-folder')
    const search = this.#page.getByRole('searchbox', { name: 'Search' })
    await search.fill('very long')
    await expect(this.#row(/^a very long name/).first()).toBeVisible(soon)
    await this.#look('files-search-long-names')
    await search.fill('nowhere to be found')
    await expect(this.#page.getByText(/^Nothing found/).first()).toBeVisible(soon)
    await this.#look('files-search-nothing')
    await search.press('Escape')
  }

  async transfers(): Promise<void> {
    await this.#window.show('Transfers')
    const filter = this.#page.getByRole('searchbox', { name: 'Filter' })
    // Alone, because rows change places while their uploads take turns.
    await filter.fill('photo 12')
    await this.#page.getByRole('button', { name: 'Pause photo 12.jpg' }).click()
    await expect(this.#window.transfer('photo 12.jpg')).toContainText('Paused', soon)
    await filter.fill('')
    await this.#look('transfers-every-state')
    await zoomTo(this.#app, 2)
    await this.#look('transfers-every-state-twice-the-size')
    await zoomTo(this.#app, 1)
    for (const kind of ['Waiting', 'Needs you', 'Done']) {
      await this.#page.getByRole('radio', { name: kind }).click()
      await this.#look(`transfers-${kind.toLowerCase().replace(' ', '-')}`)
    }
    await filter.fill('nowhere')
    await this.#look('transfers-nothing-matches')
    await filter.fill('')
    await this.#page.getByRole('radio', { name: 'Needs you' }).click()
    await this.#window.transfer('refused.txt').getByRole('button').first().click()
    await expect(this.#window.dialog('refused.txt')).toBeVisible()
    await this.#look('transfer-problem')
    await this.#window.dialog('refused.txt').getByRole('button', { name: 'Discard my change…' }).click()
    await this.#look('transfer-discard-question')
    await this.#page.keyboard.press('Escape')
  }

  async conflicts(): Promise<void> {
    await this.#show('Conflicts', 'conflicts-long-names')
    const rows = this.#page.getByRole('grid', { name: 'Conflicts' }).getByRole('row')
    await rows.filter({ hasText: 'plan.txt' }).click()
    await this.#page.getByRole('button', { name: 'For this folder…' }).click()
    await this.#look('conflict-rule')
    await this.#page.keyboard.press('Escape')
    await rows.filter({ hasText: 'a very long name' }).dblclick()
    await expect(this.#page.getByText('Mine is on the left.')).toBeVisible(soon)
    await this.#look('conflict-comparison-long-name')
    await zoomTo(this.#app, 2)
    await this.#look('conflict-comparison-twice-the-size')
    await zoomTo(this.#app, 1)
    await this.#page.getByRole('button', { name: 'All conflicts' }).click()
    await rows.filter({ hasText: picturesApart }).dblclick()
    for (const side of ['Mine', 'Theirs']) await expect(this.#page.getByRole('img', { name: side })).toBeVisible(soon)
    await this.#look('conflict-of-pictures')
    await this.#page.getByRole('button', { name: 'All conflicts' }).click()
  }

  async rest(): Promise<void> {
    await this.#show('Activity', 'activity-full')
    await this.#page.getByRole('searchbox', { name: 'Filter' }).fill('nowhere')
    await this.#look('activity-nothing-matches')
    await this.#window.show('Drives')
    await this.#window.card(bucket).getByRole('button', { name: 'Unmount', exact: true }).click()
    await this.#window
      .question(/papers/)
      .getByRole('button', { name: 'Unmount now, upload later' })
      .click()
    await expect(this.#window.driveState(bucket)).toContainText('Not mounted', soon)
    await this.#look('drive-not-mounted-with-changes')
    await this.#show('Files', 'files-not-mounted')
  }

  get #page() {
    return this.#window.page
  }

  get #grid(): Locator {
    return this.#page.getByRole('grid', { name: 'Files' })
  }

  #row(name: RegExp): Locator {
    return this.#grid.getByRole('row', { name })
  }

  #look(name: string): Promise<void> {
    return picture(this.#app, this.#window, name)
  }

  async #show(screen: Screen, name: string): Promise<void> {
    await this.#window.show(screen)
    await this.#look(name)
  }

  async #browse(): Promise<void> {
    await this.#window.show('Drives')
    await this.#window.card(bucket).getByRole('button', { name: 'Browse' }).click()
  }

  #save(name: string, content: string | Buffer): Promise<void> {
    return writeFile(path.join(this.#mountpoint, name), content)
  }

  /** Of a picture, what the window looks like now. */
  async #version(name: string, side: 'mine' | 'theirs'): Promise<Buffer> {
    return name === picturesApart ? this.#app.capture() : Buffer.from(`${name}, ${side}\n`)
  }

  async #read(key: string): Promise<void> {
    const read = () =>
      readFile(path.join(this.#mountpoint, key)).then(
        () => true,
        () => false,
      )
    await expect.poll(read, soon).toBe(true)
  }

  async #free(name: string): Promise<void> {
    await this.#browse()
    await this.#grid.press('End')
    await this.#row(new RegExp(`^${name}`)).click()
    await this.#page.getByRole('button', { name: 'Free up space' }).click()
    await expect(this.#row(new RegExp(`^${name}, Online only`))).toBeVisible(soon)
    await this.#window.show('Drives')
  }

  async #pause(): Promise<void> {
    await this.#window.everythingIsUploaded(bucket)
    await this.#window.card(bucket).getByRole('button', { name: 'More actions' }).click()
    await this.#page.getByRole('menuitem', { name: 'Pause until you resume' }).click()
    await expect(this.#window.driveState(bucket)).toContainText('Paused', soon)
  }

  /** As the system tells the page of a file that is dragged over it. */
  async #drag(event: 'dragover' | 'dragleave'): Promise<void> {
    await this.#grid.evaluate((found, type) => {
      const { DataTransfer, DragEvent, File } = globalThis as unknown as PageGlobals
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(new File(['x'], 'dragged.txt'))
      const grid = found as unknown as { dispatchEvent(event: unknown): void }
      grid.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }))
    }, event)
  }
}

/** Every part of the film but its first, and every photo, is taken and never answered. */
function refusingAndHolding(): FaultRule {
  let parts = 0
  return ({ method, operation, key = '' }) => {
    if (key === 'refused.txt' && method === 'PUT') return { kind: 'error', status: 400, code: 'InvalidArgument' }
    if (key === 'tried again.txt' && method === 'PUT') return { kind: 'error', status: 500, code: 'InternalError' }
    if (operation === 'UploadPart' && ++parts > 1) return { kind: 'hang' }
    return key.startsWith('photo') && method === 'PUT' ? { kind: 'hang' } : undefined
  }
}

/** The tests run in Node, whose types know nothing of a page. */
type PageGlobals = {
  DataTransfer: new () => { items: { add(file: unknown): void } }
  DragEvent: new (type: string, options: Record<string, unknown>) => unknown
  File: new (parts: string[], name: string) => unknown
}
