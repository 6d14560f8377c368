import type { Fleet, Status, StoredEndpoint, Work } from './state.ts'

/** What the state machine needs from outside. */
export interface World {
  now(): number
  /**
   * Starts a fleet's container and answers its status. Called again while that is `starting`. The reason of a failure becomes the
   * endpoint's FailureReason.
   */
  launch(fleet: Fleet): Launch
  /** The fleet is taken down. */
  retire(fleet: Fleet): void
  /** CloudWatch's StateValue. An alarm that does not exist is never in alarm. */
  alarmState(name: string): 'OK' | 'ALARM' | 'INSUFFICIENT_DATA'
  /** Whether the rollback of an update fails too. */
  rollbackFails(endpoint: string): boolean
  readonly durations: Durations
}

export type Launch =
  { readonly kind: 'starting' } | { readonly kind: 'healthy' } | { readonly kind: 'failed'; readonly reason: string }

export interface Durations {
  /** Until a fleet's instances are provided and its container is started. */
  readonly provision: number
  readonly rollback: number
  readonly delete: number
}

export type Changed = (endpoint: StoredEndpoint, at: number, what: 'status' | 'deployment') => void

/**
 * Does the next thing that is due for an endpoint, as of the time at which it was due.
 *
 * @returns false if nothing is due, `gone` if the endpoint is deleted
 */
export function step(endpoint: StoredEndpoint, world: World, changed: Changed): boolean | 'gone' {
  const { work } = endpoint
  if (work === undefined) return false
  if (work.kind === 'update') return stepUpdate(endpoint, work, world, changed)
  if (world.now() < work.due) return false
  switch (work.kind) {
    case 'create':
      return stepCreate(endpoint, work, world, changed)
    case 'rollback':
      endRollback(endpoint, work, world, changed)
      return true
    case 'delete':
      for (const fleet of [endpoint.blue, endpoint.green]) if (fleet !== undefined) world.retire(fleet)
      return 'gone'
  }
}

export function become(endpoint: StoredEndpoint, status: Status, at: number, changed: Changed): void {
  endpoint.status = status
  endpoint.modified = at
  changed(endpoint, at, 'status')
}

type Kind<K extends Work['kind']> = Extract<Work, { kind: K }>

function stepCreate(endpoint: StoredEndpoint, work: Kind<'create'>, world: World, changed: Changed): boolean {
  const launched = launch(endpoint.blue, work, world)
  if (launched.kind === 'starting') return false
  endpoint.work = undefined
  if (launched.kind === 'failed') {
    if (endpoint.blue !== undefined) world.retire(endpoint.blue)
    endpoint.blue = undefined
    endpoint.failure = launched.reason
    become(endpoint, 'Failed', work.due, changed)
  } else {
    if (endpoint.blue !== undefined) endpoint.blue.traffic = 100
    become(endpoint, 'InService', work.due, changed)
  }
  return true
}

function stepUpdate(endpoint: StoredEndpoint, work: Kind<'update'>, world: World, changed: Changed): boolean {
  const now = world.now()
  const { plan } = work
  const watches = !work.begun || work.step >= 0
  work.begun = true
  const firing = watches ? plan.alarms.filter((name) => world.alarmState(name) === 'ALARM') : []
  if (firing.length > 0) {
    const reason = `The deployment was rolled back, as these CloudWatch alarms are in ALARM: ${firing.join(', ')}.`
    rollBack(endpoint, reason, now, world, changed)
    return true
  }
  const deadline = work.began + plan.timeout
  const launched =
    work.step < 0 && now >= work.due && work.due < deadline ? launch(endpoint.green, work, world) : undefined
  if (launched?.kind === 'failed') {
    rollBack(endpoint, launched.reason, work.due, world, changed)
    return true
  }
  if (now >= deadline && (work.due >= deadline || launched?.kind === 'starting')) {
    const reason = 'The deployment was rolled back, as it took longer than its maximum execution timeout.'
    rollBack(endpoint, reason, deadline, world, changed)
    return true
  }
  if (now < work.due || launched?.kind === 'starting') return false
  advanceTraffic(endpoint, work, world, changed)
  return true
}

function launch(fleet: Fleet | undefined, work: { due: number }, world: World): Launch {
  if (fleet === undefined) throw new Error('an endpoint is created without a fleet')
  const launched = world.launch(fleet)
  if (launched.kind === 'starting') work.due = world.now()
  return launched
}

function advanceTraffic(endpoint: StoredEndpoint, work: Kind<'update'>, world: World, changed: Changed): void {
  const { blue, green } = endpoint
  const { plan } = work
  const at = work.due
  work.step += 1
  const next = plan.steps[work.step]
  if (next === undefined) {
    finish(endpoint, work, at, world, changed)
    return
  }
  if (green !== undefined) green.traffic = next.percent
  if (blue !== undefined) blue.traffic = 100 - next.percent
  const isLast = work.step === plan.steps.length - 1
  // A rolling update provides instances for each further batch; a blue/green update has all of them.
  const more = plan.kind === 'rolling' && !isLast ? world.durations.provision : 0
  work.due = at + next.wait + (isLast ? plan.finalBake : more)
  endpoint.modified = at
  changed(endpoint, at, 'deployment')
}

function finish(endpoint: StoredEndpoint, work: Kind<'update'>, at: number, world: World, changed: Changed): void {
  const { blue, green } = endpoint
  if (green === undefined) throw new Error('an update ends without a fleet')
  if (blue !== undefined) world.retire(blue)
  endpoint.blue = green
  endpoint.green = undefined
  endpoint.config = green.config.input.EndpointConfigName
  endpoint.failure = undefined
  endpoint.work = undefined
  become(endpoint, 'InService', at, changed)
}

function rollBack(endpoint: StoredEndpoint, reason: string, at: number, world: World, changed: Changed): void {
  // Traffic does not move until then: if the rollback fails, both fleets keep serving.
  endpoint.work = { kind: 'rollback', due: at + world.durations.rollback, reason }
  endpoint.failure = reason
  become(endpoint, 'RollingBack', at, changed)
  changed(endpoint, at, 'deployment')
}

function endRollback(endpoint: StoredEndpoint, work: Kind<'rollback'>, world: World, changed: Changed): void {
  const { blue, green } = endpoint
  endpoint.work = undefined
  if (world.rollbackFails(endpoint.name)) {
    become(endpoint, 'UpdateRollbackFailed', work.due, changed)
    return
  }
  if (green !== undefined) world.retire(green)
  if (blue !== undefined) blue.traffic = 100
  endpoint.green = undefined
  become(endpoint, 'InService', work.due, changed)
}
