import { testAlarms } from './alarms.suite.ts'
import { testArtifacts } from './artifacts.suite.ts'
import { testImages } from './images.suite.ts'
import { alarmsTwin } from './alarms.twin.ts'
import { artifactsTwin } from './artifacts.twin.ts'
import { imagesTwin } from './images.twin.ts'

testArtifacts('The twin', async () => {
  const artifacts = artifactsTwin()
  return {
    artifacts,
    folder: (name) => ({ bucket: 'models', prefix: name }),
    put: async (folder, files) => artifacts.put(folder, files),
    unpack: async ({ bucket, prefix }) => artifacts.packages.get(`s3://${bucket}/${prefix}`),
  }
})

testImages('The twin', async () => {
  const images = imagesTwin()
  return {
    images,
    other: images,
    end: async (version, _build, status) => images.end(version, status === 'SUCCEEDED' ? status : 'FAILED'),
    remove: async (version) => images.remove(version),
    start: async (version) => images.start(version),
    builds: async () => images.builds.length,
  }
})

testAlarms('The twin', async () => {
  const alarms = alarmsTwin()
  return { alarms, names: async () => [...alarms.there.keys()].sort() }
})
