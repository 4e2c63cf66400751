import { createContext } from 'svelte'
import type { FileSort } from '../../../contracts/file.ts'
import type { DriveView } from '../../../contracts/ipc.ts'
import { splitPath } from '../words/transfer-words.ts'
import type { Application } from './application.svelte.ts'
import { noEntries, withEntry } from './entries.ts'
import { beginsWith, foundAt } from './file-rows.ts'
import type { FileRow, RowBlock, RowSource } from './file-rows.ts'
import { FileSearch } from './file-search.svelte.ts'
import {
  anchorOf,
  extendedTo,
  focusedOn,
  followed,
  noFiles,
  onlyFile,
  targetsIn,
  withChosen,
  withoutFiles,
  withToggledFile,
} from './file-selection.ts'
import { FolderRows } from './folder-rows.svelte.ts'
import type { FolderPlace } from './folder-rows.svelte.ts'

/** How long what is typed belongs to what was typed before. */
const typingMs = 900

/** Where in which drive the browser is, what it shows of it, and what is chosen there. */
export class Files {
  driveId = $state<string>()
  #paths = $state.raw(noEntries<string, string>())
  sort = $state<FileSort>('name')
  isDescending = $state(false)
  text = $state('')
  /** Whether a search is for the whole drive or only below the folder. */
  scope = $state<'drive' | 'folder'>('drive')
  selection = $state.raw(noFiles)
  /** The names of many rows are being asked for. */
  isSelecting = $state(false)
  /** What is known of what is chosen stands beside the list. */
  isDetailed = $state(false)

  readonly folder: FolderRows
  readonly search: FileSearch
  readonly path = $derived.by(() => (this.driveId === undefined ? '' : (this.#paths.get(this.driveId) ?? '')))
  readonly isSearching = $derived(this.text.trim() !== '')
  readonly rows = $derived.by((): RowSource => (this.isSearching ? this.search : this.folder))
  readonly targets = $derived.by(() => targetsIn(this.selection, this.rows.rowAt(this.selection.at)))

  /** The row to be in focus as soon as the folder is here. */
  #wantedPath: string | undefined
  #typed = { text: '', untilMs: 0 }
  #heeded: { place: FolderPlace | undefined; change: string } = { place: undefined, change: '' }
  /** Another one for every question whose answer is worth nothing after the next. */
  #turn = 0

  constructor(application: Application) {
    const onBlock = (block: RowBlock) => this.#follow(block)
    this.folder = new FolderRows(application, onBlock)
    this.search = new FileSearch(application, onBlock)
  }

  /** It is opened where it was left, as soon as it is mounted and somebody looks. */
  openDrive(driveId: string): void {
    this.driveId = driveId
    this.text = ''
    this.search.ask(undefined)
    this.#forget()
    this.folder.leave()
  }

  /** To be called whenever the application may know something new of its drives. */
  follow(views: readonly DriveView[]): void {
    const isMounted = ({ state }: DriveView) => state.state === 'mounted'
    const view = views.find(({ drive }) => drive.id === this.driveId) ?? views.find(isMounted) ?? views[0]
    if (view?.drive.id !== this.driveId) {
      this.driveId = undefined
      this.folder.leave()
    }
    if (view === undefined) return
    this.driveId = view.drive.id
    if (!isMounted(view)) this.folder.leave()
    else if (this.folder.place?.driveId !== view.drive.id) this.openFolder(this.path)
  }

  /** `focus`: the row that gets the focus there. */
  openFolder(path: string, focus?: string): void {
    const { driveId } = this
    if (driveId === undefined) return
    this.#paths = withEntry(this.#paths, driveId, path)
    this.#forget()
    this.text = ''
    this.search.ask(undefined)
    this.#wantedPath = focus
    this.folder.show({ driveId, path, sort: this.sort, isDescending: this.isDescending })
  }

  /** From a search to the folder that has the row in focus. */
  openParent(): void {
    const from = this.isSearching ? this.rows.rowAt(this.selection.at)?.path : this.path
    if (from !== undefined && from !== '') this.openFolder(splitPath(from).folder, from)
  }

  sortBy(sort: FileSort): void {
    this.isDescending = this.sort === sort ? !this.isDescending : sort !== 'name'
    this.sort = sort
    const { place } = this.folder
    if (place) this.folder.show({ ...place, sort, isDescending: this.isDescending })
  }

  look(text: string, scope: 'drive' | 'folder' = this.scope): void {
    this.text = text
    this.scope = scope
    this.#forget()
    const { driveId } = this
    const isAsked = text.trim() !== '' && driveId !== undefined
    this.search.ask(isAsked ? { driveId, text, under: scope === 'folder' ? this.path : '' } : undefined)
  }

  /** To be called with what is known of the folder's changes: it is asked for again when that is another. */
  heed(change: string): void {
    const { place } = this.folder
    const before = this.#heeded
    this.#heeded = { place, change }
    if (before.place === place && before.change !== change) this.refresh()
  }

  refresh(): void {
    this.folder.refresh()
    if (this.isSearching) this.search.refresh()
  }

  pick(row: FileRow, at: number): void {
    this.#turn += 1
    this.selection = onlyFile(at, row)
  }

  toggle(row: FileRow, at: number): void {
    this.#turn += 1
    this.selection = withToggledFile(this.selection, at, row)
  }

  async moveTo(index: number, isExtending: boolean): Promise<void> {
    const turn = ++this.#turn
    const at = Math.max(0, Math.min(index, this.rows.total - 1))
    if (this.rows.total === 0) return
    const row = this.rows.rowAt(at)
    if (!isExtending) {
      this.selection = focusedOn(this.selection, at, row)
      return
    }
    const anchor = anchorOf(this.selection, at)
    const between = await this.#fetched(Math.min(anchor, at), Math.max(anchor, at), turn)
    if (between) this.selection = extendedTo(this.selection, at, this.rows.rowAt(at), between)
  }

  async chooseAll(): Promise<void> {
    const { total } = this.rows
    if (total === 0) return
    const rows = await this.#fetched(0, total - 1, ++this.#turn)
    if (rows) this.selection = withChosen(this.selection, rows)
  }

  chooseNone(): void {
    this.#turn += 1
    this.selection = withChosen(this.selection, [])
  }

  isChosen({ path }: FileRow): boolean {
    return this.selection.chosen.has(path)
  }

  /** The next row whose name begins with what is typed. */
  async typeAhead(letter: string): Promise<void> {
    const isMore = this.isTyping()
    const text = isMore ? this.#typed.text + letter : letter
    // However long the row is looked for, the next letter belongs to this one.
    this.#typed = { text, untilMs: Infinity }
    // One letter goes on to the next name; several stay as long as they fit.
    const start = Math.max(0, this.selection.at) + (isMore ? 0 : 1)
    await this.#focusOn(start % Math.max(1, this.rows.total), ({ entry }) => beginsWith(entry.name, text))
    if (this.#typed.text === text) this.#typed = { text, untilMs: performance.now() + typingMs }
  }

  /** A space is part of a name only while one is being typed. */
  isTyping(): boolean {
    return performance.now() < this.#typed.untilMs
  }

  /** It is here under this name now, or soon. */
  focusSoon(path: string): void {
    this.#wantedPath = path
    this.refresh()
  }

  /** These are gone, by the person’s own hand. */
  withoutThese(gone: readonly string[]): void {
    this.selection = withoutFiles(this.selection, gone)
    this.refresh()
  }

  #forget(): void {
    this.#turn += 1
    this.selection = noFiles
    this.#wantedPath = undefined
  }

  #follow(block: RowBlock): void {
    this.selection = followed(this.selection, block)
    const wanted = this.#wantedPath
    if (this.selection.at < 0 && block.total > 0 && !this.isSearching)
      this.selection = focusedOn(this.selection, 0, this.rows.rowAt(0))
    if (wanted === undefined || block.total === 0) return
    this.#wantedPath = undefined
    void this.#focusOn(0, ({ path }) => path === wanted)
  }

  async #focusOn(start: number, isLookedFor: (row: FileRow) => boolean): Promise<void> {
    const turn = ++this.#turn
    const found = await foundAt(this.rows, start, isLookedFor, () => turn === this.#turn)
    if (found && turn === this.#turn) this.selection = focusedOn(this.selection, found.at, found.row)
  }

  /** Undefined when something else was asked for meanwhile, or the rows changed places. */
  async #fetched(first: number, last: number, turn: number): Promise<readonly FileRow[] | undefined> {
    const slow = setTimeout(() => (this.isSelecting = true), 150)
    const rows = await this.rows.fetchRows(first, last)
    clearTimeout(slow)
    this.isSelecting = false
    return turn === this.#turn ? rows : undefined
  }
}

export const [getFiles, setFiles] = createContext<Files>()
