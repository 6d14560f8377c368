import { describe } from '@jest/globals'
import { mlflowTraits, testRegistry } from './registry.suite.ts'
import { registryTwin } from './registry.twin.ts'

describe('the twin of a registry', () => {
  const artifacts = { bucket: 'models', prefix: 'mlflow' }
  const registry = registryTwin(artifacts)
  const tags = async (name: string, version: string) => registry.tags(name, version) ?? {}
  testRegistry(() => ({ registry, hands: registry, artifacts, tags }), mlflowTraits)
})
