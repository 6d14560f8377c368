/** The stage that `npm start` and `npm test` deploy to the emulator, whose data nobody will miss. */
export function isLocal(stage: string): boolean {
  return stage === 'local'
}
