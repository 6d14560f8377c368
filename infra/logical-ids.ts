import { logical } from './cloudformation.ts'

/** Logical ids that several parts of the template refer to. */

export function queueId(name: string): string {
  return `${logical(name)}Queue`
}

export function deadLettersId(name: string): string {
  return `${logical(name)}DeadLetters`
}

/** As serverless.yml names it: `role: CommitsRole`. */
export function roleId(functionName: string): string {
  return `${logical(functionName)}Role`
}
