import { isLocal } from '../src/lake/stage.ts'
import type { Resource } from './cloudformation.ts'

/**
 * For resources with data: they are kept when the stack is removed. But if the deploy that creates them fails they are deleted,
 * since the next deploy could not create them again under the same name (CloudFormation, "DeletionPolicy attribute").
 */
export function retained(stage: string): Pick<Resource, 'DeletionPolicy' | 'UpdateReplacePolicy'> {
  return isLocal(stage)
    ? { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' }
    : { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' }
}
