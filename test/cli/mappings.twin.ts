import type { Mapping, Mappings } from '../../cli/mappings.ts'

/** Event source mappings that take some looks to change, as AWS's do, and take no other change meanwhile. */
export function memoryMappings(functions: Readonly<Record<string, readonly string[]>>, looks = 3) {
  const states = new Map<string, { state: string; next?: string; left: number }>(
    Object.values(functions).flatMap((states) => states.map((id) => [id, { state: 'Enabled', left: 0 }])),
  )
  const calls: string[] = []
  const of = (id: string): Mapping => ({ id, state: states.get(id)!.state })
  const ports: Mappings = {
    async of(fn) {
      return (functions[fn] ?? []).map(of)
    },
    async look(id) {
      const mapping = states.get(id)!
      if (mapping.next !== undefined && mapping.left-- <= 0) states.set(id, { state: mapping.next, left: 0 })
      return of(id)
    },
    async enable(id, enabled) {
      calls.push(`${enabled ? 'enable' : 'disable'} ${id}`)
      if (states.get(id)!.next !== undefined) throw new Error('ResourceInUseException')
      states.set(id, {
        state: enabled ? 'Enabling' : 'Disabling',
        next: enabled ? 'Enabled' : 'Disabled',
        left: looks,
      })
      return of(id)
    },
  }
  return { ...ports, calls }
}
