import { logical } from './cloudformation.ts'

/** Logical ids that several files here use. */

export function queueId(name: string): string {
  return `${logical(name)}Queue`
}

export function deadLettersId(name: string): string {
  return `${logical(name)}DeadLetters`
}

/** serverless.yml refers to it too: `role: CommitsRole`. */
export function roleId(functionName: string): string {
  return `${logical(functionName)}Role`
}
