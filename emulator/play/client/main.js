import { fetchState, watch } from './api.js'
import { part } from './dom.js'
import { createPhone } from './phone.js'
import { showTrace } from './trace.js'

const phones = { left: createPhone(part(document, '#left'), 'left'), right: createPhone(part(document, '#right'), 'right') }
const banner = part(document, '#banner')
let asking = false
let again = false

/** One question at a time: changes that come while it is open lead to exactly one more. */
async function refresh() {
  if (asking) {
    again = true
    return
  }
  asking = true
  try {
    const { phones: states, publicUrl, trace } = await fetchState()
    phones.left.show(states.left, publicUrl)
    phones.right.show(states.right, publicUrl)
    showTrace(trace)
    connected(true)
  } catch {
    connected(false)
  }
  asking = false
  if (again) {
    again = false
    void refresh()
  }
}

/** @param {boolean} stands */
function connected(stands) {
  banner.hidden = stands
  banner.textContent = stands ? '' : '和服务的连接断了,正在重新连接。请确认服务正在运行。'
}

watch(() => void refresh(), connected)
void refresh()
