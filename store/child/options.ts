/** How clients reach the store: a Unix socket, or TCP on 127.0.0.1 with SCRAM-SHA-256 where there are none. */
export type Transport = 'socket' | 'tcp'

/** What the store's process is told; the values that are not given are right for everybody but tests. */
export type ChildOptions = {
  transport: Transport
  /** How often documents are removed that have expired by a TTL index. */
  ttlEveryMs: number
  /** With less than this left on the disk nothing is written any more. */
  minFreeBytes: number
  /** Further connections are closed at once. */
  maxConnections: number
  /** Read the whole file before serving it: after a crash that may have come from a damaged page. */
  verify: boolean
}

const defaults: ChildOptions = {
  transport: process.platform === 'win32' ? 'tcp' : 'socket',
  ttlEveryMs: 60_000,
  minFreeBytes: 32 * 1024 * 1024,
  // A process may open 1,024 files by default, and the store needs some for itself.
  maxConnections: 960,
  verify: false,
}

/** Completes the options that somebody gave. */
export const completeOptions = (given: Partial<ChildOptions>): ChildOptions => ({ ...defaults, ...given })
