import { testAlarms } from '../../suites/alarms.ts'
import { testArtifacts } from '../../suites/artifacts.ts'
import { testImages } from '../../suites/images.ts'
import { alarmsTwin } from '../../twins/alarms.ts'
import { artifactsTwin } from '../../twins/artifacts.ts'
import { imagesTwin } from '../../twins/images.ts'

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
