import { names } from '../../src/lake/resource-names.ts'
import type { Lake } from '../../src/lake/lake.ts'
import type { Hook } from '../../src/registry/webhook-admin.ts'
import { registryPath } from '../../src/intake/webhook/sources.ts'

/** A registry's webhook as it should be. */
export interface WantedHook {
  readonly name: string
  readonly url: string
  readonly events: readonly string[]
  /** Where the webhooks of all registries of this lake deliver: several of them may be at one server. */
  readonly ours: readonly string[]
}

/** What there is, beside what there should be. */
export interface FoundHooks {
  /** The one that delivers; absent where there is none. */
  readonly hook?: Hook
  /** What it lacks, for people. Empty: nothing. */
  readonly faults: readonly string[]
  /** The same again: everything is delivered by each. */
  readonly duplicates: readonly Hook[]
  /** Of our name, and to an address that is none of this lake's, or is not any more. */
  readonly strays: readonly Hook[]
}

/** MLflow takes 63 of `[a-z0-9._-]`. Lake and stage are in it: several lakes may share a registry. */
export function hookName(lake: Pick<Lake, 'name' | 'stage'>): string {
  return names(lake)
    .stack.toLowerCase()
    .replaceAll(/[^a-z0-9._-]/g, '-')
    .slice(0, 63)
}

/** Where a registry's webhook delivers to. `base`: the address of the deployed HTTP API. */
export function hookUrl(base: string, registry: string): string {
  return `${base.replace(/\/+$/, '')}${registryPath(registry)}`
}

/** Of several that deliver to the same address, one that needs no mending is the one. Names are not unique. */
export function findHooks(hooks: readonly Hook[], { name, url, events, ours }: WantedHook): FoundHooks {
  const faultsOf = (hook: Hook) => faults(hook, events)
  const same = hooks.filter((hook) => hook.url === url)
  const [hook, ...duplicates] = same.toSorted((a, b) => faultsOf(a).length - faultsOf(b).length)
  const strays = hooks.filter((each) => each.name === name && !ours.includes(each.url))
  return { ...(hook && { hook }), faults: hook === undefined ? [] : faultsOf(hook), duplicates, strays }
}

/** What it hears beyond what is wanted does no harm. */
function faults({ events, isActive }: Hook, wanted: readonly string[]): string[] {
  const missing = wanted.filter((event) => !events.includes(event))
  return [
    ...(isActive ? [] : ['it is switched off']),
    ...(missing.length === 0 ? [] : [`it does not hear ${missing.join(', ')}`]),
  ]
}
