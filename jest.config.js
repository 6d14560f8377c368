/** Native ES modules, TypeScript stripped by swc (ts-jest needs the compiler API that TypeScript 7 no longer has). */
const project = (name, testMatch, extra = {}) => ({
  displayName: name,
  rootDir: import.meta.dirname,
  testMatch: [`<rootDir>/test/**/${testMatch}`],
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } },
    ],
  },
  ...extra,
})

const emulator = {
  globalSetup: '<rootDir>/test/world/emulator-setup.ts',
  globalTeardown: '<rootDir>/test/world/emulator-teardown.ts',
}

/** The ending of a test's name says what it needs: nothing, an emulator, or other implementations on this machine. */
export default {
  // Two processes of the fuzz test at a time.
  maxConcurrency: 2,
  projects: [
    project('unit', '!(*.integration|*.peers|*.fuzz).test.ts'),
    project('integration', '*.integration.test.ts', emulator),
    project('peers', '*.peers.test.ts'),
    project('fuzz', '*.fuzz.test.ts'),
  ],
  testTimeout: 60_000,
}
