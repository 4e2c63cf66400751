import { filesystemSuite } from './filesystem-suite.ts'
import { startMounted } from './mounted-fs.ts'
import { startS3Target } from './s3-target.ts'

const service = process.env.CLOUDMOUNT_TEST_S3_ENDPOINT ?? 'the embedded server'

filesystemSuite(`a mounted drive on ${service}`, startMounted(startS3Target))
