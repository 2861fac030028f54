import type { Covered } from '../kernel/covered.ts'

const PLATFORM = 'unit/emulator/wecom-platform.test.ts'
const EMULATOR = 'unit/emulator/wecom.test.ts'
const CHANNEL = 'unit/channels/wecom-emulated.test.ts'
const BOT = 'unit/channels/wecom-bot.test.ts'
const FLOW = 'flows/wecom.test.ts'

const below = (...paths: string[]): string[] =>
  paths.map(path => path.replace(/^(GET|POST) /, (_, method: string) => `${method} /cgi-bin/`))

/** What the WeCom emulator plays, section by section of its reference. */
export const wecomCoverage: readonly Covered[] = [
  {
    section: '1 回调安全',
    plays:
      '地址验证(一秒内、逐字节相等、密文含 + 和 /)、加密投递、元素顺序变化、5 秒超时与最多三次重投、被动回复的解密与验签;重复、延迟、乱序、丢失、丢回答按开关发生',
    lacks: '重投的间隔与总数在文档里没有写死,由 retryDelayMs 决定',
    judgedBy: [
      'unit/emulator/crypto.test.ts › the published vectors hold',
      `${PLATFORM} › it comes twice, in another envelope`,
      `${PLATFORM} › it comes late, after the next one, or never`,
      `${PLATFORM} › our answer gets lost, and it comes again`,
      'flows/channels.test.ts › refused with a code, nothing written, and the service goes on',
    ],
  },
  {
    section: '2 接收消息与事件',
    plays:
      '文本、图片、语音(可带识别文字)、文件、位置、链接;进入应用、菜单点击与跳转、卡片按钮与菜单(含 SelectedItems)、通讯录变更、客户联系变更',
    lacks: '视频、扫码和原生审批的状态变化只以固定样例出现在 tests/fixtures/wecom;审批流程引擎的事件没有',
    judgedBy: [
      'unit/channels/wecom-callback.test.ts › is understood',
      `${FLOW} › a file sent while a contract is begun goes with it to the approver`,
      `${FLOW} › words that the client recognised in a voice count as words`,
      `${PLATFORM} › what a person chose comes with the click`,
    ],
  },
  {
    section: '2.2 自定义菜单',
    plays: '按字节检查名称、键与地址,1–3 个一级、1–5 个二级;读取(错误码 46003)取自平台惯例,参考页只写了创建',
    calls: below('POST menu/create', 'GET menu/get'),
    judgedBy: [
      `${PLATFORM} › is kept, read back, and missing before it is made`,
      `${CHANNEL} › is written when it is missing or different`,
    ],
  },
  {
    section: '3.1 access_token 与出口 IP',
    plays:
      '两小时有效、未过期时返回同一个、作废(42001)与未知(40014)分开、错误密钥累计后封禁、企业可信 IP(60020)、应用停用(50003)',
    calls: below('GET gettoken', 'GET getcallbackip', 'GET get_api_domain_ip'),
    judgedBy: [
      `${EMULATOR} › an expired token is told apart from an unknown one`,
      `${PLATFORM} › calls from an address that is not on the list are refused with that address`,
      `${PLATFORM} › an app that is switched off does nothing`,
    ],
  },
  {
    section: '3.2 发送应用消息',
    plays: '字段表逐项检查、无效接收人、超长截断、重复消息抑制、每人每分钟 30 条与每小时 1000 条静默丢弃、每日账号上限 × 200',
    calls: below('POST message/send'),
    lacks: '小程序通知;重复抑制时的返回值文档没有写',
    judgedBy: [
      `${PLATFORM} › is complained of, and refused where the platform refuses it`,
      `${EMULATOR} › the 31st message of a minute to one person vanishes without an error`,
      `${PLATFORM} › two hundred messages a day for each account, then none until midnight`,
    ],
  },
  {
    section: '3.3–3.5 模板卡片:发送、更新、撤回',
    plays: '五种卡片的必填、长度与错误码;response_code 一次有效、72 小时过期;按人替换;24 小时内撤回',
    calls: below('POST message/update_template_card', 'POST message/recall'),
    judgedBy: [
      'unit/cards/renderers.test.ts › whatever is asked, the platform takes the card, or it is said in words',
      `${CHANNEL} › is taken by the platform as`,
      `${CHANNEL} › a right to repaint is good once, and for three days`,
      `${CHANNEL} › within a day it disappears from the phone; later that is refused`,
    ],
  },
  {
    section: '3.2 临时素材',
    plays: '按类型限制大小、三天过期、错误以 JSON 返回',
    calls: below('POST media/upload', 'GET media/get'),
    judgedBy: [`${CHANNEL} › what was uploaded comes back as it was, with name and type`],
  },
  {
    section: '3.7 应用群聊',
    plays: '根部门可见才可用、成员数、群主、重复 chatid、不能发模板卡片、创建与修改的次数上限',
    calls: below('POST appchat/create', 'POST appchat/update', 'GET appchat/get', 'POST appchat/send'),
    lacks: '群内每人每分钟 200 条的静默丢弃;群机器人 webhook',
    judgedBy: [
      `${PLATFORM} › only an app that everybody may see has them, and no interactive card goes there`,
      `${CHANNEL} › a group is opened once, however often the same wish is sent`,
      'flows/spaces.test.ts › opens a group with owner, superior',
    ],
  },
  {
    section: '3.8 被动回复',
    plays: '消息进入会话;更新卡片只改点击者所见;对按钮点击的更新默认不生效(文档有矛盾),honourPassiveCardUpdate 打开',
    judgedBy: ['flows/wecom-bot.test.ts › shows the outcome at once and costs no call'],
  },
  {
    section: '3.9 频率限制',
    plays: '每接口每分钟 1 万、每小时 15 万,各自的封禁时间;票据每小时 100 次',
    lacks: '按 IP 的计数;月度上限',
    judgedBy: [`${PLATFORM} › tickets may be asked for a hundred times an hour; then the call is blocked for an hour`],
  },
  {
    section: '4 智能机器人',
    plays:
      '短连接:JSON 信封、空 receiveid、流式轮询、response_url 一次一小时;长连接:订阅、心跳、同一机器人只有一条连接(后来者踢掉先来者)、流式推送、欢迎语、主动推送限制;加密的成员 ID',
    calls: below('POST aibot/response', 'POST batch/openuserid_to_userid'),
    lacks: '机器人自己的模板卡片与点击、素材上传、图文流;本产品的卡片由应用发送',
    judgedBy: [
      `${BOT} › an answer that takes long streams in when it is asked for, part by part`,
      `${BOT} › when another connection takes over, it stays away for a while instead of taking it back`,
      `${BOT} › a sealed sender is turned into the member, once`,
    ],
  },
  {
    section: '5 网页登录与 JS-SDK',
    plays: '授权页(选择身份)、code 一次五分钟、可信域名、成员与外部访客、企业与应用两种票据',
    calls: [
      'GET /connect/oauth2/authorize',
      ...below('GET auth/getuserinfo', 'POST auth/getuserdetail', 'GET get_jsapi_ticket', 'GET ticket/get'),
    ],
    lacks: '客户端的 JS 桥(由浏览器测试代替)',
    judgedBy: [
      `${EMULATOR} › a login code identifies its person once, for five minutes`,
      `${CHANNEL} › follow the published vector, and the vendor’s own function, without the fragment`,
      `${PLATFORM} › a visitor of our pages who is a customer comes with that id`,
    ],
  },
  {
    section: '6.1 通讯录',
    plays: '部门、成员、标签、按手机号查找;新应用看不到手机号;成员 ID 列表只给同步密钥',
    calls: below(
      'GET user/get',
      'GET user/simplelist',
      'GET user/list',
      'POST user/list_id',
      'POST user/getuserid',
      'GET department/list',
      'GET department/simplelist',
      'GET department/get',
      'GET tag/list',
      'GET tag/get',
    ),
    lacks: '写标签;可见范围小于根部门的通讯录',
    judgedBy: [`${EMULATOR} › members, superiors and department heads are those on this platform, without mobiles`],
  },
  {
    section: '6.2 客户联系',
    plays: '跟进成员、客户列表与详情、按成员批量(翻页)、备注;没有权限时 48002;接口改动不回调',
    calls: below(
      'GET externalcontact/get_follow_user_list',
      'GET externalcontact/list',
      'GET externalcontact/get',
      'POST externalcontact/batch/get_by_user',
      'POST externalcontact/remark',
    ),
    lacks: '企业标签、群发、欢迎语、在职继承',
    judgedBy: [
      `${PLATFORM} › are listed, read with remark and mobiles, and remarked upon`,
      `${FLOW} › one who is added with a telephone number of ours is linked, once, in the history`,
    ],
  },
  {
    section: '7 审批、日程、待办',
    plays:
      '不模拟接口:产品自己的审批与待办不经过它们。原生审批的状态变化(sys_approval_change)收下并登记一次,不通知任何人、不改变任何数据:平台自己已经通知了申请人',
    judgedBy: ['flows/channels.test.ts › is noted once, and nobody is told'],
  },
]
