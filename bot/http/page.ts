/** Text as HTML text. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, char => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[char] ?? char)

const STYLE = `:root{color-scheme:light dark;--bg:#f5f6f8;--card:#fff;--text:#1a1d21;--soft:#5c6470;--line:#e4e7eb;--accent:#2b6de5;--good:#14804a;--wait:#8a5300;--over:#5c6470}
@media(prefers-color-scheme:dark){:root{--bg:#14171a;--card:#1e2226;--text:#eceff2;--soft:#a3acb7;--line:#30363d;--accent:#7aa7ff;--good:#5fd394;--wait:#f0b357;--over:#a3acb7}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--text);font:16px/1.5 system-ui,-apple-system,"PingFang SC","Microsoft YaHei","Noto Sans SC",sans-serif;overflow-wrap:anywhere}
main{max-width:640px;margin:0 auto;padding:16px}h1{font-size:20px;margin:8px 0 16px}button{font:inherit;min-height:44px;padding:0 20px;border:0;border-radius:8px;background:var(--accent);color:#fff}
.card{background:var(--card);border-radius:8px;padding:16px;margin:0 0 12px}p{margin:0 0 12px}.soft{color:var(--soft);font-size:14px}`

export interface PlainPage {
  title: string
  text?: string
  /** Trusted markup, made by us. */
  html?: string
  style?: string
}

/** A page that needs no script. Title and text are escaped. */
export const plainPage = ({ title, text, html = '', style = '' }: PlainPage): string =>
  `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1,viewport-fit=cover"><meta name="robots" content="noindex"><title>${escapeHtml(title)}</title><style>${STYLE}${style}</style></head><body><main><h1>${escapeHtml(title)}</h1>${text ? `<p>${escapeHtml(text)}</p>` : ''}${html}</main></body></html>`
