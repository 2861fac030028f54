/** A third of the shortest lease and less: two renewals may fail. */
export const RENEW_MS = 1_500

/** Keep what is worked on ours. A renewal that fails is made up for by the next, or the fence keeps us from harm. */
export async function whileRenewing(renew: () => Promise<unknown>, work: () => Promise<void>): Promise<void> {
  const renewing = setInterval(() => void renew().catch(() => undefined), RENEW_MS)
  try {
    await work()
  } finally {
    clearInterval(renewing)
  }
}
