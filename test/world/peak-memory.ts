import { existsSync, readFileSync } from 'node:fs'

const STATUS = '/proc/self/status'

/**
 * The most memory that this process held, in MiB. Not `maxRSS` where Linux says better: that begins with what the parent held when it
 * started this process (`exec_mmap` of the kernel), so that a large test run counts too.
 */
export function peakMemory(): number {
  const [, kb] = (existsSync(STATUS) && /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(STATUS, 'utf8'))) || []
  // In kB on every system (libuv, uv_getrusage).
  return (kb === undefined ? process.resourceUsage().maxRSS : Number(kb)) / 1024
}
