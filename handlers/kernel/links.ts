/** Links that are sent to people. All start at `PUBLIC_URL`. */
export function createLinks(publicUrl: string) {
  const base = publicUrl.replace(/\/+$/, '')
  return {
    base,
    /** A hash route of the mini-app, e.g. `/approvals/…`. */
    h5: (route: string): string => `${base}/m/#${route}`,
    share: (token: string): string => `${base}/s/${token}`,
    admin: (): string => `${base}/admin/`,
    loginCallback: (platform: string): string => `${base}/api/auth/${platform}/callback`,
  }
}

export type Links = ReturnType<typeof createLinks>

const APPROVAL = /^\/approvals\/([^/?]+)/

/** The case that a route leads to; null for any other page. */
export const caseOfRoute = (route: string): string | null => APPROVAL.exec(route)?.[1] ?? null

/** Hash routes of the mini-app that cards and notices point to. */
export const routes = {
  todos: '/todos',
  customer: (id: string) => `/customers/${id}`,
  writeActivity: (customerId: string, draftId?: string) =>
    `/customers/${customerId}/activity${draftId ? `?draft=${draftId}` : ''}`,
  approvals: '/approvals',
  approval: (caseId: string) => `/approvals/${caseId}`,
  /** The page with the sheet of this act open. */
  act: (caseId: string, act: string) => `/approvals/${caseId}?act=${act}`,
  pace: '/processes',
  newLead: (draftId?: string) => `/leads/new${draftId ? `?draft=${draftId}` : ''}`,
  newContract: (customerId?: string, draftId?: string) => {
    const query = [customerId && `customer=${customerId}`, draftId && `draft=${draftId}`].filter(Boolean).join('&')
    return `/contracts/new${query ? `?${query}` : ''}`
  },
  newRequest: (key?: string, draftId?: string) => `/requests/new${key ? `/${key}` : ''}${draftId ? `?draft=${draftId}` : ''}`,
} as const
