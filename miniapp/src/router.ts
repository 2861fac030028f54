import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router'

/** Cards and chat messages link to these paths; changing one breaks links that were sent. */
const routes: RouteRecordRaw[] = [
  { path: '/', redirect: '/todos' },
  { path: '/todos', component: () => import('./pages/todos/TodosPage.vue'), meta: { hasTabs: true } },
  { path: '/customers', component: () => import('./pages/customers/CustomersPage.vue'), meta: { hasTabs: true } },
  { path: '/customers/:id', component: () => import('./pages/customers/CustomerPage.vue'), props: true },
  { path: '/customers/:id/activity', component: () => import('./pages/activities/ActivityForm.vue'), props: true },
  { path: '/approvals', component: () => import('./pages/approvals/ApprovalsPage.vue'), meta: { hasTabs: true } },
  { path: '/approvals/:caseId', component: () => import('./pages/approvals/ApprovalPage.vue'), props: true },
  { path: '/approvals/:caseId/deliveries', component: () => import('./pages/deliveries/CaseDeliveriesPage.vue'), props: true },
  { path: '/requests', component: () => import('./pages/requests/RequestsPage.vue') },
  { path: '/requests/new/:requestKey', component: () => import('./pages/requests/RequestForm.vue'), props: true },
  { path: '/processes', component: () => import('./pages/processes/PacePage.vue') },
  { path: '/leads/new', component: () => import('./pages/leads/LeadForm.vue') },
  { path: '/contracts/new', component: () => import('./pages/contracts/ContractForm.vue') },
  { path: '/me', component: () => import('./pages/people/MePage.vue'), meta: { hasTabs: true } },
  { path: '/me/delegations', component: () => import('./pages/delegations/DelegationsPage.vue') },
  { path: '/me/notices', component: () => import('./pages/notices/QuietPage.vue') },
  { path: '/login', component: () => import('./pages/auth/LoginRoute.vue') },
  { path: '/:rest(.*)*', component: () => import('./pages/frame/NotFoundPage.vue') },
]

/** Hash routes: a history route breaks the WeCom JS-SDK signature, and the query (`?slot=`) stays untouched. */
export const router = createRouter({
  history: createWebHashHistory(),
  routes,
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

/** Loads the other pages while the phone is idle, so that they also open in a lift. */
export function prefetchPages(): void {
  for (const { component } of routes) {
    if (typeof component === 'function') void (component as () => Promise<unknown>)().catch(() => undefined)
  }
}
