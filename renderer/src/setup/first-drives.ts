/** What of an account is to be mounted, before there are drives of it. */
import type { Drive } from '../../../contracts/drive.ts'
import { driveFormErrors, driveOf, emptyDriveForm, prefixOf, suggestedDriveName } from '../drives/drive-form.ts'
import { suggestedMountpoint, type DriveFormErrors } from '../drives/drive-form.ts'

/** A bucket, or a folder in it; an empty folder is all of it. */
export type Place = { bucket: string; folder: string }

export function placeKey({ bucket, folder }: Place): string {
  return `${bucket}/${prefixOf(folder)}`
}

export function placeErrors(place: Place): Pick<DriveFormErrors, 'bucket' | 'folder'> {
  const { bucket, folder } = driveFormErrors({ ...emptyDriveForm(''), ...place })
  return { ...(bucket === undefined ? {} : { bucket }), ...(folder === undefined ? {} : { folder }) }
}

/** Each with a folder of its own on this computer, beside those that are taken. */
export function drivesOf(
  places: readonly Place[],
  { accountId, mountRoot, taken }: { accountId: string; mountRoot: string; taken: readonly string[] },
): Drive[] {
  const used = [...taken]
  return places.map((place) => {
    const name = suggestedDriveName(place)
    const mountpoint = suggestedMountpoint(name, mountRoot, used)
    used.push(mountpoint)
    return driveOf({ ...emptyDriveForm(accountId), ...place, name, mountpoint })
  })
}

/** Those to be shown of many, and how many more there are. */
export function matching(
  buckets: readonly string[],
  needle: string,
  most: number,
): { shown: readonly string[]; more: number } {
  const wanted = needle.trim().toLowerCase()
  const found = wanted === '' ? buckets : buckets.filter((bucket) => bucket.toLowerCase().includes(wanted))
  return { shown: found.slice(0, most), more: Math.max(0, found.length - most) }
}
