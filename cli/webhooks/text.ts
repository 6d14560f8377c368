import { wrapped } from '../text.ts'
import type { Diagnosis } from './diagnosis.ts'
import type { Registered } from './register.ts'

/** The findings about one registry and its models. */
export interface Examined {
  readonly registry: string
  readonly host: string
  readonly findings: readonly Diagnosis[]
}

const labels: Readonly<Record<Diagnosis['level'], string>> = { ok: 'OK', note: 'NOTE', problem: 'PROBLEM' }
/** Width of the labels' column. */
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

export function registeredText(
  { registry, url, id, outcome, why, madeSecret, duplicates, strays, pruned }: Registered,
  delivery: Diagnosis,
  width: number,
): string[] {
  const say = (text: string) => wrapped(text, width, '  ', '  ')
  const others = [
    ...(duplicates.length === 0 ? [] : [`duplicates: ${duplicates.join(', ')}`]),
    ...(strays.length === 0 ? [] : [`webhooks to former addresses: ${strays.join(', ')}`]),
  ]
  return [
    `${registry}: ${url}`,
    ...say(`webhook ${id} ${outcome}${why.length === 0 ? '' : `: ${why.join('; ')}`}`),
    ...(madeSecret ? say("signing secret created and added to the registry's secret") : []),
    ...others.flatMap((each) => say(pruned ? `removed ${each}` : `found ${each}; --prune removes them`)),
    ...say(delivery.message),
    ...(delivery.advice === undefined ? [] : say(delivery.advice)),
  ]
}
