/** `ours.ts`: packs the model at the S3 that AWS_ENDPOINT_URL names. Prints how long it took and this process's peak memory, as JSON. */
import { s3Artifacts } from '../../src/reactions/deployment/aws/artifacts.ts'
import { s3 } from '../../src/aws/clients.ts'
import { BUCKET, FOLDER } from './content.ts'

const began = performance.now()
await s3Artifacts(s3()).pack({ bucket: BUCKET, prefix: FOLDER }, { bucket: BUCKET, prefix: 'packages/model.tar.gz' })
// maxRSS is in kB, whatever the system (libuv, uv_getrusage).
console.log(JSON.stringify({ ms: performance.now() - began, megabytes: process.resourceUsage().maxRSS / 1024 }))
