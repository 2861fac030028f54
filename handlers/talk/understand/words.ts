const chars = (text: string): ReadonlySet<string> => new Set(text)
const list = (text: string): readonly string[] => text.split(' ')

/** The hundred most common surnames (公安部 全国姓名报告). */
export const COMMON_SURNAMES = chars(
  '王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常',
)

/** Further surnames; some are ordinary words too (安 路 云 华), hence their smaller weight. */
export const RARE_SURNAMES = chars(
  '汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯隆茹诺战慕危玉银亢嵇公哈湛宾戎勾茅利於呼居揭干但尉冶斯元束檀衣信展阴昝智幸奉植衡富尧闭由',
)

export const COMPOUND_SURNAMES = list(
  '欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 令狐 百里 呼延 东郭 南门 西门 轩辕 拓跋',
)

/** Characters that given names like and company names use less. */
export const GIVEN_NAME_CHARS = chars(
  '伟芳娜敏静丽强磊军洋勇艳杰娟涛超秀霞刚桂英兰玲斌宇浩婷雪琳鑫鹏辉倩颖慧莉燕红梅雷佳欣怡梓涵轩博晨阳俊峰飞凯建国志明',
)

/** How people add a position to a surname: 张总, 李经理. */
export const PERSON_TITLE =
  /(?:总|总监|经理|主任|老师|先生|女士|小姐|工|处长|科长|部长|院长|校长|局长|老板|董|书记|师傅|主管|会计)$/

/** Endings that only organisations have. */
export const ORGANISATION_END =
  /(?:公司|集团|银行|医院|大学|学院|中学|小学|学校|幼儿园|委员会|管委会|政府|协会|学会|事务所|研究院|研究所|设计院|中心|酒店|宾馆|饭店|超市|商场|工厂|厂|局|店|社|馆|ltd\.?|inc\.?|llc|corp\.?|gmbh)$/i

/** What an organisation is, without saying which: no name by itself, the end of the name before it. */
const ORGANISATION_WORD =
  '(?:股份有限公司|有限责任公司|集团有限公司|有限公司|股份公司|集团公司|总公司|分公司|子公司|公司|集团|单位|企业)'

/** `公司`, `有限公司`, `我们公司`: tells no name. */
export const NAMELESS = new RegExp(
  `^(?:我们?|咱们?|你们?|他们?|她们?|贵|该|本|某|这家|那家|这个|一家|一个)?${ORGANISATION_WORD}$`,
)

/** `公司重庆长安汽车`: the word for it in front of the name. */
export const ORGANISATION_START = /^(?:公司|单位)(?=.{2})/

/** Trades that stand in names of companies. */
export const INDUSTRY =
  /汽车|金融|金属|金服|黄金|高速|高新|高科|石材|石墨|白酒|林业|水泥|毛纺|钟表|田园|科技|技术|电子|电气|信息|网络|通信|通讯|实业|股份|控股|有限|物流|运输|贸易|商贸|食品|饮料|医药|制药|药业|建设|建筑|建工|地产|置业|物业|能源|电力|石油|石化|化工|钢铁|机械|机电|重工|工业|制造|航空|航天|传媒|文化|旅游|教育|保险|证券|基金|投资|百货|餐饮|农业|牧业|水务|燃气|交通|铁路|轨道|港务|纺织|服饰|服装|家居|家具|材料|环保|生物|智能|软件|移动|联通|电信|铁塔|数码|光电|半导体|精密|模具|包装|印刷|造纸|玻璃|陶瓷|啤酒|酒业|烟草|矿业|煤业|橡胶|轮胎|船舶|装备|仪器|医疗|器械|珠宝|影视|广告|咨询|人力|劳务|安保|保安/

/** `汽车公司`, `科技有限公司`: a trade and what it is; the name stands before it. */
export const TRADE_ONLY = new RegExp(`^(?:${INDUSTRY.source})${ORGANISATION_WORD}$`)

/** A trade at the end of a name: what may follow is no part of it any more. */
export const INDUSTRY_END = new RegExp(`(?:${INDUSTRY.source})$`)

/** Places that names of companies begin with. */
export const PLACE =
  /^(?:中国|中华|全国|北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|成都|广州|深圳|杭州|南京|苏州|武汉|西安|长沙|郑州|青岛|大连|宁波|厦门|济南|沈阳|长春|哈尔滨|合肥|福州|南昌|昆明|贵阳|南宁|石家庄|太原|兰州|西宁|银川|乌鲁木齐|拉萨|海口|无锡|佛山|东莞|温州|泉州|绵阳|宜宾|万州|涪陵|渝北|渝中|江北|两江|九龙坡|沙坪坝|南岸|巴南|北碚|璧山|江津|永川)/

/** What a telecom operator sells, as a whole word (专线, 100M专线, 5G) or inside one (专线扩容). */
export const PRODUCT =
  /专线|专网|宽带|集成|云|5g|4g|物联网|短信|彩铃|机房|机柜|组网|带宽|idc|托管|视频会议|会议|监控|安防|服务器|路由器|交换机|防火墙|光纤|光缆|电路|sd-?wan|vpn|mpls|wifi|wi-fi|呼叫中心|固话|语音|号码|流量|对讲|大屏|弱电|布线|等保|灾备|上网|互联网接入|信息化|数字化|算力/i

/** Words that tell what is wanted rather than who wants it. */
export const WISH =
  /(?:扩容|升级|改造|接入|采购|租用|租赁|续约|续费|开通|安装|维护|服务|项目|方案|需要|想要|\d\s*[mg](?:bps)?$|\d+\s*[条台套个路芯])/i
