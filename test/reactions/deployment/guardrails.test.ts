import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { planOf } from '../../../local/sagemaker/core/plan.ts'
import { parse, updateEndpoint } from '../../../local/sagemaker/core/requests.ts'
import { deploymentConfig } from '../../../src/reactions/deployment/aws/guardrails.ts'

const plain = { alarms: [], retainCapacity: false }

test('SageMaker accepts every roll-out of lake.yml, with time for all its waits', () => {
  const bake = fc.integer({ min: 0, max: 3600 }).map((seconds) => seconds * 1000)
  const rollout = fc.oneof(
    fc.record({ kind: fc.constant('all-at-once' as const), bake }),
    fc.record({ kind: fc.constant('canary' as const), percent: fc.integer({ min: 1, max: 50 }), bake }),
    fc.record({ kind: fc.constant('linear' as const), percent: fc.integer({ min: 10, max: 50 }), bake }),
    fc.record({ kind: fc.constant('rolling' as const), percent: fc.integer({ min: 5, max: 50 }), bake }),
  )
  const alarms = fc.array(fc.constantFrom('a', 'b'), { maxLength: 2 })
  fc.assert(
    fc.property(rollout, alarms, (given, names) => {
      // Longer than SageMaker's 8 hours: src/reactions/deployment/checks.ts refuses it.
      fc.pre(
        given.kind === 'linear' || given.kind === 'rolling'
          ? Math.ceil(100 / given.percent) * given.bake < 28_800_000
          : true,
      )
      const asked = deploymentConfig({ ...plain, rollout: given, alarms: names })
      const request = JSON.parse(
        JSON.stringify({ EndpointName: 'e', EndpointConfigName: 'c', DeploymentConfig: asked }),
      ) as unknown
      const plan = planOf(parse(updateEndpoint, request).DeploymentConfig, 4, 1)
      const waits = plan.steps.reduce((sum, { wait }) => sum + wait, plan.finalBake)
      expect(plan.timeout).toBeGreaterThan(waits)
      expect(plan.steps.at(-1)?.percent).toBe(100)
      expect(plan.steps[0]?.percent).toBe(given.kind === 'all-at-once' ? 100 : given.percent)
      expect(plan.alarms).toEqual(names)
    }),
    { seed: 20_261_122, numRuns: 500 },
  )
})

test('serverless has no guardrails, whatever alarms there are', () => {
  expect(deploymentConfig({ ...plain, alarms: ['a'] })).toBeUndefined()
})
