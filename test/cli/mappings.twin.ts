import type { Mapping, Mappings } from '../../cli/mappings.ts'

/** Event source mappings that take some polls to change, as on AWS, and accept no other change in the meantime. */
export function memoryMappings(functions: Readonly<Record<string, readonly string[]>>, polls = 3) {
  const states = new Map<string, { state: string; next?: string; left: number }>(
    Object.values(functions).flatMap((states) => states.map((id) => [id, { state: 'Enabled', left: 0 }])),
  )
  const calls: string[] = []
  const of = (id: string): Mapping => ({ id, state: states.get(id)!.state })
  const ports: Mappings = {
    async of(fn) {
      return (functions[fn] ?? []).map(of)
    },
    async get(id) {
      const mapping = states.get(id)!
      if (mapping.next !== undefined && mapping.left-- <= 0) states.set(id, { state: mapping.next, left: 0 })
      return of(id)
    },
    async setEnabled(id, enabled) {
      calls.push(`${enabled ? 'enable' : 'disable'} ${id}`)
      if (states.get(id)!.next !== undefined) throw new Error('ResourceInUseException')
      states.set(id, {
        state: enabled ? 'Enabling' : 'Disabling',
        next: enabled ? 'Enabled' : 'Disabled',
        left: polls,
      })
      return of(id)
    },
  }
  return { ...ports, calls }
}
