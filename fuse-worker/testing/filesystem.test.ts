import { filesystemSuite } from './filesystem-suite.ts'
import { startInProcess } from './in-process-fs.ts'

filesystemSuite('a drive in process, on a bucket in memory', startInProcess)
