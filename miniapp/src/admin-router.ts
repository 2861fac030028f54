import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router'

interface AdminSection {
  path: string
  /** Names it on the bar above. */
  title: string
  /** Not for the one-time link's session, which is nobody. */
  isPersonal?: true
  component: () => Promise<unknown>
}

export const ADMIN_SECTIONS: readonly AdminSection[] = [
  { path: '/people', title: '人员', component: () => import('./pages/people/admin/PeopleTable.vue') },
  { path: '/stuck', title: '卡住的审批', component: () => import('./pages/approvals/admin/StuckCases.vue') },
  { path: '/processes', title: '流程', component: () => import('./pages/processes/ProcessVersions.vue') },
  { path: '/handover', title: '离职交接', component: () => import('./pages/approvals/admin/HandOver.vue') },
  { path: '/calendar', title: '工作日历', component: () => import('./pages/calendar/CalendarSection.vue') },
  {
    path: '/delegations',
    title: '委托',
    isPersonal: true,
    component: () => import('./pages/delegations/DelegationsSection.vue'),
  },
  {
    path: '/deliveries',
    title: '送达记录',
    isPersonal: true,
    component: () => import('./pages/deliveries/DeliveriesSection.vue'),
  },
  { path: '/work', title: '没做成的', component: () => import('./pages/work/DeadLetters.vue') },
  { path: '/settings', title: '公司设置', component: () => import('./pages/settings/SettingsSection.vue') },
]

const routes: RouteRecordRaw[] = [
  ...ADMIN_SECTIONS.map(({ path, component }) => ({ path, component })),
  { path: '/calendar/:id', component: () => import('./pages/calendar/CalendarSection.vue'), props: true },
  { path: '/:rest(.*)*', redirect: '/people' },
]

/** Hash routes, as in the employees' pages: one address for the server, the query (`?slot=`) untouched. */
export const adminRouter = createRouter({
  history: createWebHashHistory(),
  routes,
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})
