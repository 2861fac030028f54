/** One documented setting. `.env.example` is made from these. */
export interface SettingDoc {
  name: string
  default: string
  meaning: string
}

export const SETTINGS: readonly SettingDoc[] = [
  { name: 'PORT', default: '3000', meaning: '监听端口' },
  { name: 'HOST', default: '127.0.0.1', meaning: '监听地址' },
  { name: 'PUBLIC_URL', default: 'http://localhost:PORT', meaning: '发给用户的链接的前缀' },
  { name: 'MONGODB_URI', default: '', meaning: '副本集或分片集群(w: majority);不填则使用 DATA_DIR 下的内置存储' },
  { name: 'DATA_DIR', default: './data', meaning: '内置存储和自动生成的密钥' },
  { name: 'APP_SECRET', default: '', meaning: '所有密钥的根;不填则在 DATA_DIR 生成一次;使用 MONGODB_URI 时必填' },
  {
    name: 'APP_SECRET_PREVIOUS',
    default: '',
    meaning: '更换 APP_SECRET 期间填旧的值:用它签发的登录继续有效,一周后删掉',
  },
  { name: 'TZ_NAME', default: 'Asia/Shanghai', meaning: '业务时区' },
  { name: 'ADMIN_USERS', default: '', meaning: '管理员,例如 wecom:zhang3,dingtalk:u1001;不填则启动时打印一次性管理链接' },
  { name: 'WECOM_CORP_ID', default: '', meaning: '企业微信企业 ID(以下五项全填或全不填)' },
  { name: 'WECOM_AGENT_ID', default: '', meaning: '自建应用 AgentId' },
  { name: 'WECOM_SECRET', default: '', meaning: '自建应用 Secret' },
  { name: 'WECOM_TOKEN', default: '', meaning: '接收消息的 Token' },
  { name: 'WECOM_ENCODING_AES_KEY', default: '', meaning: '接收消息的 EncodingAESKey(43 位)' },
  { name: 'WECOM_API_BASE', default: 'https://qyapi.weixin.qq.com', meaning: '接口地址,私有部署时修改' },
  { name: 'WECOM_OAUTH_BASE', default: 'https://open.weixin.qq.com', meaning: '网页授权地址,私有部署时修改' },
  {
    name: 'WECOM_PASSIVE_CARDS',
    default: '0',
    meaning: '1:点击卡片时直接在回调里返回新卡片(平台是否显示未经证实,先在自己的企业里试)',
  },
  { name: 'WECOM_BOT_ID', default: '', meaning: '可选;智能机器人的 ID。短连接再填下面两项,长连接再填 WECOM_BOT_SECRET' },
  { name: 'WECOM_BOT_TOKEN', default: '', meaning: '智能机器人短连接的 Token' },
  { name: 'WECOM_BOT_ENCODING_AES_KEY', default: '', meaning: '智能机器人短连接的 EncodingAESKey(43 位)' },
  { name: 'WECOM_BOT_SECRET', default: '', meaning: '智能机器人长连接的 Secret' },
  { name: 'WECOM_BOT_WS_URL', default: 'wss://openws.work.weixin.qq.com', meaning: '智能机器人长连接的地址' },
  { name: 'DINGTALK_CLIENT_ID', default: '', meaning: '钉钉应用 Client ID(以下三项全填或全不填)' },
  { name: 'DINGTALK_CLIENT_SECRET', default: '', meaning: '钉钉应用 Client Secret' },
  { name: 'DINGTALK_CORP_ID', default: '', meaning: '钉钉企业 CorpId' },
  { name: 'DINGTALK_AGENT_ID', default: '', meaning: '可选;手机页面使用钉钉的选人等功能时需要' },
  { name: 'DINGTALK_CARD_TEMPLATE_ID', default: '', meaning: '可选;不填则卡片按钮变为链接' },
  { name: 'DINGTALK_GROUP_TEMPLATE_ID', default: '', meaning: '可选;包含本机器人的群模板 ID,不填则不能在钉钉建群' },
  { name: 'DINGTALK_MODE', default: 'stream', meaning: 'stream 长连接;http 由钉钉回调 PUBLIC_URL/callbacks/dingtalk' },
  { name: 'DINGTALK_EVENT_TOKEN', default: '', meaning: '可选;事件订阅用 HTTP 推送时的签名 token(与下一项同时填写)' },
  { name: 'DINGTALK_EVENT_AES_KEY', default: '', meaning: '可选;事件订阅用 HTTP 推送时的加密 aes_key(43 位)' },
  { name: 'DINGTALK_MONTHLY_CALLS', default: '5000', meaning: '本应用每月可用的接口调用次数(标准版全企业 5000);0 表示不限' },
  { name: 'DINGTALK_TODO', default: '1', meaning: '1 把待办同步到钉钉待办(每条待办用两次调用);0 不同步' },
  { name: 'DINGTALK_JSAPI_HASH', default: 'sha256', meaning: '网页 JSAPI 签名算法:sha256 或 sha1' },
  { name: 'DINGTALK_API_BASE', default: 'https://api.dingtalk.com', meaning: '新版接口地址' },
  { name: 'DINGTALK_OAPI_BASE', default: 'https://oapi.dingtalk.com', meaning: '旧版接口地址' },
  { name: 'DINGTALK_LOGIN_BASE', default: 'https://login.dingtalk.com', meaning: '网页登录地址' },
  {
    name: 'OUTBOUND_PROXY',
    default: '',
    meaning: '可选;访问企业微信和钉钉(包括长连接)所用的正向代理,例如 http://用户:密码@proxy:3128;模型和短信不经过它',
  },
  { name: 'OPENAI_API_KEY', default: '', meaning: '任何兼容 OpenAI 的服务;与 OPENAI_MODEL 同时填写才启用' },
  { name: 'OPENAI_BASE_URL', default: '', meaning: '模型服务地址' },
  { name: 'OPENAI_MODEL', default: '', meaning: '模型名称' },
  { name: 'QUIET_HOURS', default: '21:00-08:00', meaning: '免打扰时段,一般通知等到结束后再发;off 表示不设' },
  { name: 'SMS_WEBHOOK_URL', default: '', meaning: '可选;聊天送不到的紧急通知交给这个短信网址(与下一项同时填写)' },
  { name: 'SMS_WEBHOOK_SECRET', default: '', meaning: '短信网址的签名密钥(HMAC-SHA-256,至少 16 个字符)' },
  {
    name: 'DEMO',
    default: '自动',
    meaning: '未接入任何平台、未设 MONGODB_URI 且只监听本机时为 1:启动模拟平台、示例数据和 /play/ 聊天窗口',
  },
  { name: 'TEST_CLOCK', default: '0', meaning: '1(仅限本机):POST /test/clock {"advanceMs": n} 拨快服务的时钟' },
]

/** The text of `.env.example`. */
export function envExample(): string {
  const rows = SETTINGS.map(({ name, default: value, meaning }) => `# ${meaning}${value ? `(默认 ${value})` : ''}\n# ${name}=`)
  return `# 客联 Kelian 的设置。复制为 .env 后按需填写;一项都不填即可本机试用。\n# 本文件由 npm run settings 生成。\n\n${rows.join('\n\n')}\n`
}
