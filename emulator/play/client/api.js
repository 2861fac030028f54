/**
 * @typedef {{ text: string, key?: string, url?: string, enabled: boolean, style?: string }} Button
 * @typedef {{ key: string, title: string, many: boolean, options: { id: string, text: string }[] }} Question
 * @typedef {{ taskId: string, title: string, subTitle: string, description: string, status: string, url?: string, facts: { label: string, value: string, url?: string }[], buttons: Button[], menu: { text: string, key: string }[], questions?: Question[], raw: Record<string, unknown> }} Card
 * @typedef {{ msgid: string, from: 'app' | 'user', kind: 'text' | 'card', text?: string, card?: Card, recalled: boolean, at: number }} Message
 * @typedef {{ userId: string, name: string, title: string, department: string }} Person
 * @typedef {{ type?: string, name?: string, key?: string, url?: string, sub_button?: MenuItem[] }} MenuItem
 * @typedef {{ platform: 'wecom' | 'dingtalk', holder: Person, people: Person[], messages: Message[], menu: MenuItem[] }} PhoneState
 * @typedef {{ id: string, at: number, platform: string, direction: 'in' | 'out', title: string, detail: string, ms?: number, ok: boolean }} TraceLine
 * @typedef {{ publicUrl: string, phones: Record<'left' | 'right', PhoneState>, trace: TraceLine[] }} PlayState
 * @typedef {{ ok: true } | { ok: false, message: string, code: string }} Outcome
 */

/**
 * The state of both phones and the side panel.
 * @returns {Promise<PlayState>}
 */
export async function fetchState() {
  const answer = await fetch('api/state', { cache: 'no-store' })
  if (!answer.ok) throw new Error(`state ${answer.status}`)
  return answer.json()
}

/**
 * Do what a person does; a failure comes back as a sentence, never as an exception.
 * @param {'person' | 'text' | 'click' | 'menu'} gesture
 * @param {Record<string, unknown>} body
 * @returns {Promise<Outcome>}
 */
export async function act(gesture, body) {
  try {
    const answer = await fetch(`api/${gesture}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return await answer.json()
  } catch {
    return { ok: false, code: 'play.unreachable', message: '连不上服务。请确认它正在运行,再试一次。' }
  }
}

/**
 * Call back on every change, and tell whether the connection stands.
 * @param {() => void} onChanged
 * @param {(connected: boolean) => void} onConnection
 */
export function watch(onChanged, onConnection) {
  const source = new EventSource('api/stream')
  source.addEventListener('open', () => onConnection(true))
  source.addEventListener('error', () => onConnection(false))
  source.addEventListener('changed', onChanged)
}
