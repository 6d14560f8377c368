import { testSageMaker, type SageMakerWorld } from './sagemaker.suite.ts'
import { sagemakerTwin } from './sagemaker.twin.ts'

const DURATION = 60_000

async function world(): Promise<SageMakerWorld> {
  let now = 1_790_000_000_000
  const durations = { provision: DURATION, rollback: DURATION, delete: DURATION }
  const twin = sagemakerTwin({ now: () => now, durations })
  return {
    sagemaker: twin,
    pass: async (ms) => void (now += ms),
    duration: DURATION,
    second: 1000,
    failLaunches: (times, config) => twin.failLaunches(times, config),
    alarm: (name, state) => twin.alarm(name, state),
    answer: (status, body) => (twin.answer = () => ({ status, body })),
    scaled: async (endpoint) => twin.scaled(endpoint),
  }
}

testSageMaker('The twin', world)
