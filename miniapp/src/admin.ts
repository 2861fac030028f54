import { createApp } from 'vue'
import AdminApp from './AdminApp.vue'
import { adminRouter } from './admin-router.ts'
import { host } from './kernel/services.ts'
import { refreshSession } from './kernel/session.ts'
import './styles/base.css'

document.documentElement.dataset.host = host
void refreshSession()
createApp(AdminApp).use(adminRouter).mount('#app')
