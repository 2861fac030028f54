import { createApp } from 'vue'
import App from './App.vue'
import { keepBadgesFresh } from './kernel/changes.ts'
import { host } from './kernel/services.ts'
import { refreshSession, whenKnown } from './kernel/session.ts'
import { prefetchPages, router } from './router.ts'
import './styles/base.css'

const PREFETCH_AFTER_MS = 1_500

document.documentElement.dataset.host = host
void refreshSession()
keepBadgesFresh()
createApp(App).use(router).mount('#app')
void whenKnown().then(() => setTimeout(prefetchPages, PREFETCH_AFTER_MS))
