import { reactionInfra } from '../../../infra/index.ts'
import { describe, expect, test } from '@jest/globals'
import { sha256 } from '../../../src/node/sha256.ts'
import { policySize } from '../../../infra/policies.ts'
import { environment } from '../../../infra/stack.ts'
import { modelRoleName } from '../../../src/lake/resource-names.ts'
import type { Lake } from '../../../src/lake/lake.ts'
import { lakeOfModels, lakeWithModels, model } from '../lakes.ts'
import { bySid, resources, role, type Role } from '../rights.ts'

describe('a lake of many models', () => {
  test('stays within the limits of AWS with 200 models', () => {
    const lake = lakeOfModels(200)
    const all = resources(lake)
    // CloudFormation allows 500 resources and, from S3, a template of 1 MB; serverless.yml adds some for each function.
    expect(Object.keys(all).length).toBeLessThan(400)
    expect(JSON.stringify(all).length).toBeLessThan(700_000)
    for (const { Type, Properties } of Object.values(all))
      if (Type === 'AWS::IAM::Role')
        expect(policySize((Properties as unknown as Role).Policies[0]!.PolicyDocument)).toBeLessThan(10_240)
    const access = bySid(lake, 'DeploymentRole')
    expect(access['Endpoints']?.Resource).toEqual(['sagemaker:R:A:endpoint/*'])
    expect(access['Configs']?.Resource).toEqual(['sagemaker:R:A:endpoint-config/*--v*'])
    expect(access['Alarms']?.Resource).toEqual(['cloudwatch:R:A:alarm:landfall-flights-prod-*--v*'])
    expect(access['PassRoles']?.Resource).toEqual([expect.stringMatching(/^iam::A:role\/landfall-R-[0-9a-f]{8}-\*$/)])
    expect(access['Packages']?.Resource).toEqual(['s3:::flights-lake/*--v*/model.tar.gz'])
    // Lambda allows 4 KB of environment variables.
    expect(
      JSON.stringify({ ...environment(lake, 'x'), ...reactionInfra.deployment.environment!(lake) }).length,
    ).toBeLessThan(4_000)
  })

  test('names the resources of each model as long as the role holds them, then fewer', () => {
    const sids = ['Endpoints', 'Configs', 'Models', 'Alarms', 'PassRoles', 'Packages']
    const listed = (models: number) => {
      const access = bySid(lakeOfModels(models), 'DeploymentRole')
      return sids.filter((sid) => access[sid]?.Resource.length === models)
    }
    expect(listed(5)).toEqual(sids)
    expect(listed(12)).toEqual(['Alarms', 'PassRoles', 'Packages'])
    expect(listed(30)).toEqual(['PassRoles'])
  })

  test('gives every model a role with a unique name', () => {
    const called = ['a', 'b', 'airline-delay-prediction-1', 'airline-delay-prediction-2']
    expect(new Set(called.map((name) => modelRoleName(name, sha256))).size).toBe(4)
    expect(modelRoleName('Delay', sha256)).toBe(modelRoleName('delay', sha256))
    const made = (lake: Lake) => JSON.stringify(role(lake, 'ModelRoleA').RoleName)
    const models = [model('a')]
    expect(made(lakeWithModels(models, { stage: 'dev' }))).not.toBe(made(lakeWithModels(models)))
  })
})
