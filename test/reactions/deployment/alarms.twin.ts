import type { Alarms, AlarmSpec } from '../../../src/reactions/deployment/ports.ts'

export interface AlarmsTwin extends Alarms {
  /** The existing alarms, by name. */
  readonly there: ReadonlyMap<string, AlarmSpec>
  /** `put a, b`, `remove a`, in order. */
  readonly calls: string[]
}

export function alarmsTwin(): AlarmsTwin {
  const there = new Map<string, AlarmSpec>()
  const calls: string[] = []
  return {
    there,
    calls,
    async put(alarms) {
      calls.push(`put ${alarms.map(({ name }) => name).join(', ')}`)
      for (const alarm of alarms) there.set(alarm.name, alarm)
    },
    async remove(names) {
      calls.push(`remove ${names.join(', ')}`)
      for (const name of names) there.delete(name)
    },
  }
}
