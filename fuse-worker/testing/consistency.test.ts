import { consistencyModes } from '../../contracts/drive.ts'
import { consistencySuite } from './consistency-suite.ts'
import { startInProcessWith } from './in-process-fs.ts'

for (const mode of consistencyModes) consistencySuite(`in process, ${mode}`, mode, startInProcessWith(mode))
