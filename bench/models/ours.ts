/** `ours.ts`: packs the model in the S3 at AWS_ENDPOINT_URL. Prints the time and this process's peak memory as JSON. */
import { s3Artifacts } from '../../src/reactions/deployment/aws/artifacts.ts'
import { s3 } from '../../src/aws/clients.ts'
import { BUCKET, FOLDER } from './content.ts'
import { peakMemory } from '../../test/world/peak-memory.ts'

const began = performance.now()
await s3Artifacts(s3()).pack({ bucket: BUCKET, prefix: FOLDER }, { bucket: BUCKET, prefix: 'packages/model.tar.gz' })
console.log(JSON.stringify({ ms: performance.now() - began, megabytes: peakMemory() }))
