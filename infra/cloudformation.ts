/** The few words of CloudFormation that the templates here need. */

/** A string, or what CloudFormation will make one of: `{ Ref }`, `{ 'Fn::GetAtt' }`, `{ 'Fn::Sub' }`. */
export type Value =
  | string
  | { readonly Ref: string }
  | { readonly 'Fn::GetAtt': readonly [string, string] }
  | { readonly 'Fn::Sub': string }

export interface Resource {
  readonly Type: string
  readonly Properties: Readonly<Record<string, unknown>>
  readonly DependsOn?: readonly string[]
  /** `RetainExceptOnCreate`: kept, unless the operation that made it is rolled back, whose next try could not make it again. */
  readonly DeletionPolicy?: 'Retain' | 'RetainExceptOnCreate' | 'Delete'
  readonly UpdateReplacePolicy?: 'Retain' | 'Delete'
}

/** By logical id. */
export type Resources = Readonly<Record<string, Resource>>

export interface Output {
  readonly Description: string
  readonly Value: Value
}

/** What osls merges into the template that it makes from the functions of serverless.yml. */
export interface Template {
  readonly Resources: Resources
  readonly Outputs: Readonly<Record<string, Output>>
  /** Changes to resources that osls makes itself, by their logical ids. */
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

/** S3's ARNs have neither region nor account. */
export function s3Arn(resource: string): Value {
  return sub(`arn:\${AWS::Partition}:s3:::${resource}`)
}

/**
 * A name as a part of a logical id, which has letters and digits only. Different names give different parts: what is no
 * letter or digit is spelt out, so `a-b` and `ab` do not meet.
 */
export function logical(name: string): string {
  const words = name.replaceAll(
    /[^a-zA-Z0-9]/g,
    (sign) => ({ '-': 'Dash', _: 'Underscore', '.': 'Dot' })[sign] ?? `X${sign.codePointAt(0)}`,
  )
  return words.charAt(0).toUpperCase() + words.slice(1)
}
