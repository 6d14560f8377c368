/** The few CloudFormation types and functions that the templates need. */

/** A string, or a function that CloudFormation replaces by one: `{ Ref }`, `{ 'Fn::GetAtt' }`, `{ 'Fn::Sub' }`. */
export type Value =
  | string
  | { readonly Ref: string }
  | { readonly 'Fn::GetAtt': readonly [string, string] }
  | { readonly 'Fn::Sub': string }

export interface Resource {
  readonly Type: string
  readonly Properties: Readonly<Record<string, unknown>>
  readonly DependsOn?: readonly string[]
  /** `RetainExceptOnCreate`: kept, except if the deploy that creates it is rolled back, since the next could not create it again. */
  readonly DeletionPolicy?: 'Retain' | 'RetainExceptOnCreate' | 'Delete'
  readonly UpdateReplacePolicy?: 'Retain' | 'Delete'
}

/** By logical id. */
export type Resources = Readonly<Record<string, Resource>>

interface Output {
  readonly Description: string
  readonly Value: Value
}

/** The part that osls merges into the template that it makes from serverless.yml. */
export interface Template {
  readonly Resources: Resources
  readonly Outputs: Readonly<Record<string, Output>>
  /** Changes to resources that osls itself creates, by logical id. */
  readonly extensions?: Readonly<Record<string, Pick<Resource, 'Properties'>>>
}

export function ref(logicalId: string): Value {
  return { Ref: logicalId }
}

export function arnOf(logicalId: string): Value {
  return { 'Fn::GetAtt': [logicalId, 'Arn'] }
}

/** `text` may hold `${AWS::Region}` and the like. */
export function sub(text: string): Value {
  return { 'Fn::Sub': text }
}

/** An ARN in this partition, region and account: `arn('glue', 'catalog')`. */
export function arn(service: string, resource: string): Value {
  return sub(`arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}`)
}

/** ARNs in S3 have neither region nor account. */
export function s3Arn(resource: string): Value {
  return sub(`arn:\${AWS::Partition}:s3:::${resource}`)
}

/**
 * A name as part of a logical id, which may contain only letters and digits. Other characters are spelled out, so that
 * different names, as `a-b` and `ab`, never give the same id.
 */
export function logical(name: string): string {
  const words = name.replaceAll(
    /[^a-zA-Z0-9]/g,
    (sign) => ({ '-': 'Dash', _: 'Underscore', '.': 'Dot' })[sign] ?? `X${sign.codePointAt(0)}`,
  )
  return words.charAt(0).toUpperCase() + words.slice(1)
}
