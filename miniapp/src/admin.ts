import { createApp } from 'vue'
import AdminApp from './AdminApp.vue'
import { host } from './kernel/services.ts'
import { refreshSession } from './kernel/session.ts'
import './styles/base.css'

document.documentElement.dataset.host = host
void refreshSession()
createApp(AdminApp).mount('#app')
