import type { Statement } from '../../infra/policies.ts'
import { stack } from '../../infra/stack.ts'
import type { Lake } from '../../src/lake/lake.ts'

export interface Role {
  readonly RoleName?: { readonly 'Fn::Sub': string }
  readonly AssumeRolePolicyDocument: { readonly Statement: readonly object[] }
  readonly Policies: { readonly PolicyDocument: { readonly Statement: readonly Statement[] } }[]
}

export const settings = { functions: [] }
export const resources = (lake: Lake) => stack(lake, settings).Resources
export const role = (lake: Lake, id: string) => resources(lake)[id]!.Properties as unknown as Role
const statements = (lake: Lake, id: string) => role(lake, id).Policies[0]!.PolicyDocument.Statement
export const bySid = (lake: Lake, id: string) =>
  Object.fromEntries(
    statements(lake, id).map(({ Sid, Action, Resource, Condition }) => [
      Sid,
      { Action, Resource: arns(Resource), ...(Condition && { Condition }) },
    ]),
  )
const arns = (resource: Statement['Resource']) => (resource === '*' ? '*' : resource.map((one) => text(one)))
const text = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : ((value as { 'Fn::Sub'?: string })['Fn::Sub'] ?? JSON.stringify(value))
        .replace(/^arn:\$\{AWS::Partition\}:/, '')
        .replaceAll('${AWS::Region}', 'R')
        .replaceAll('${AWS::AccountId}', 'A')
export const pattern = (lake: Lake, id: string) => resources(lake)[id]?.Properties['EventPattern']

/** Compares like IAM: `*` matches any text. */
export function matches(pattern: string, resource: string): boolean {
  const [start = '', ...rest] = pattern.split('*')
  if (!resource.startsWith(start)) return false
  let at = start.length
  for (const [i, part] of rest.entries()) {
    const found = i === rest.length - 1 ? resource.length - part.length : resource.indexOf(part, at)
    if (found < at || !resource.startsWith(part, found)) return false
    at = found + part.length
  }
  return at === resource.length
}
