import { wrapped } from '../text.ts'
import type { Diagnosis } from './doctor.ts'
import type { Registered } from './register.ts'

/** What was found of one registry, or of a model in it. */
export interface Examined {
  readonly registry: string
  readonly host: string
  readonly findings: readonly Diagnosis[]
}

const labels: Readonly<Record<Diagnosis['level'], string>> = { ok: 'OK', note: 'NOTE', problem: 'PROBLEM' }
/** Where what is found begins. */
const MARGIN = '  PROBLEM  '.length

export function examinedText({ registry, host, findings }: Examined, width: number): string[] {
  const margin = ' '.repeat(MARGIN)
  return [
    `${registry}: ${host}`,
    ...findings.flatMap(({ level, message, advice }) => [
      ...wrapped(message, width, `  ${labels[level]}`.padEnd(MARGIN), margin),
      ...(advice === undefined ? [] : wrapped(advice, width, margin, margin)),
    ]),
  ]
}

const outcomes: Readonly<Record<Registered['outcome'], string>> = {
  made: 'is made',
  mended: 'is mended',
  unchanged: 'was as it should be',
}

export function registeredText(
  { registry, url, id, outcome, why, madeSecret, duplicates, strays, pruned }: Registered,
  test: Diagnosis,
  width: number,
): string[] {
  const say = (text: string) => wrapped(text, width, '  ', '  ')
  const others = [
    ...(duplicates.length === 0 ? [] : [`deliver the same again: ${duplicates.join(', ')}`]),
    ...(strays.length === 0 ? [] : [`deliver to what is no address of this lake: ${strays.join(', ')}`]),
  ]
  return [
    `${registry}: ${url}`,
    ...say(`its webhook ${id} ${outcomes[outcome]}${why.length === 0 ? '' : `: ${why.join('; ')}`}`),
    ...(madeSecret ? say('a secret to sign with was made, and put into the registry’s secret') : []),
    ...others.flatMap((each) => say(pruned ? `removed, for they ${each}` : `others ${each}; --prune removes them`)),
    ...say(test.message),
    ...(test.advice === undefined ? [] : say(test.advice)),
  ]
}
