import { expect, it } from 'vitest'
import { diskKind, linuxMounts, macMounts, mountOf } from './disk-kind.ts'

const mountinfo = `22 28 0:20 / /sys rw,nosuid - sysfs sysfs rw
28 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 28 8:17 / /media/ana/My\\040Disk rw shared:2 - vfat /dev/sdb1 rw
41 28 0:50 / /srv/office rw - nfs4 server:/office rw,vers=4.2
42 28 0:51 / /home/ana/remote rw - fuse.sshfs ana@host:/ rw
43 28 0:52 / /tmp rw - tmpfs tmpfs rw
44 28 8:33 / /mnt/windows rw - fuseblk /dev/sdc1 rw
45 41 0:53 / /srv/office rw - ext4 /dev/vdb rw
`

it.each([
  ['/home/ana', 'ext4', 'local'],
  ['/media/ana/My Disk/caches', 'vfat', 'local'],
  ['/home/ana/remote/x', 'fuse.sshfs', 'network'],
  ['/tmp/x', 'tmpfs', 'memory'],
  ['/tmpx', 'ext4', 'local'],
  ['/mnt/windows', 'fuseblk', 'local'],
])('%s is on %s', (path, type, kind) => {
  const mount = mountOf(path, linuxMounts(mountinfo))
  expect(mount?.type).toBe(type)
  expect(diskKind(mount, false)).toBe(kind)
})

it('the last of two mounts on one folder is the one that is seen', () => {
  expect(mountOf('/srv/office/a', linuxMounts(mountinfo))?.source).toBe('/dev/vdb')
})

it('a disk that can be taken out is removable, and nothing is claimed of what is not known', () => {
  expect(diskKind(mountOf('/media/ana/My Disk', linuxMounts(mountinfo)), true)).toBe('removable')
  expect(diskKind(mountOf('/srv', []), false)).toBe('unknown')
})

it('reads what macOS tells of its mounts', () => {
  const mounts = macMounts(`/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse)
//ana@nas/share on /Volumes/share (smbfs, nodev, nosuid, mounted by ana)
server:/x on /Volumes/odd (odd, nodev)
`)
  expect(diskKind(mountOf('/System/Volumes/Data/Users', mounts), false)).toBe('local')
  expect(diskKind(mountOf('/Volumes/share/x', mounts), false)).toBe('network')
  expect(diskKind(mountOf('/Volumes/odd', mounts), false)).toBe('network')
})
