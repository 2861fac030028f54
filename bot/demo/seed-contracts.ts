import type { ContractType } from '../../common/contract/contracts.ts'

/** How an approval of the sample went: to its end, or up to the named number of decisions. */
export type SampleStory =
  | { type: 'approved' }
  /** The last of `approvals + 1` deciders says no. */
  | { type: 'rejected'; approvals: number; reason: string }
  | { type: 'withdrawn'; approvals: number }
  /** Waits for the next decider; `live`: whose card arrives at the start. */
  | { type: 'waiting'; approvals: number; live?: true }

export interface SampleContract {
  customer: string
  title: string
  type: ContractType
  amount: string
  daysAgo: number
  story: SampleStory
}

const approved: SampleStory = { type: 'approved' }
const waiting = (approvals: number): SampleStory => ({ type: 'waiting', approvals })
const live = (approvals: number): SampleStory => ({ type: 'waiting', approvals, live: true })
const rejected = (approvals: number, reason: string): SampleStory => ({ type: 'rejected', approvals, reason })

type Row = [customer: string, title: string, type: ContractType, amount: string, daysAgo: number, story: SampleStory]

// Who decides: superior, 技术 for 专线 and 集成, 财务, 副总 above 500,000.00 元.
const ROWS: readonly Row[] = [
  ['重庆嘉陵工业', '园区互联专线一期', '专线', '78万', 112, approved],
  ['重庆嘉陵工业', '视频会议系统', '集成', '43.6万', 21, approved],
  ['重庆嘉陵工业', '园区互联专线扩容', '专线', '62万', 0, live(0)],
  ['重庆渝江机械有限公司', '工厂 5G 专网建设', '集成', '218万', 95, approved],
  ['重庆渝江机械有限公司', '仓库视频监控', '集成', '35万', 6, waiting(1)],
  ['重庆嘉陵通达物流有限公司', '物联网卡年度服务', '其他', '16.8万', 88, approved],
  ['重庆嘉陵通达物流有限公司', '仓储管理系统', '集成', '66万', 47, rejected(1, '方案没有写清与原有系统的接口,请补充后重新提交')],
  ['重庆两江智造科技有限公司', '云主机和备份服务', '其他', '49.9万', 60, approved],
  ['重庆两江智造科技有限公司', '等保测评服务', '其他', '14.5万', 3, waiting(1)],
  ['重庆南山医院', '影像传输专线', '专线', '63.5万', 40, approved],
  ['重庆山城火锅食品有限公司', '门店宽带打包', '其他', '11.8万', 116, approved],
  ['重庆山城火锅食品有限公司', '门店监控', '集成', '25万', 26, approved],
  ['重庆川东化工集团', '厂区无线覆盖', '集成', '146万', 90, approved],
  ['重庆川东化工集团', '安全生产视频平台', '集成', '255万', 7, waiting(3)],
  ['重庆北碚职业学院', '校园网改造', '集成', '318万', 72, approved],
  ['重庆金渝商业管理有限公司', '商场无线覆盖', '集成', '39万', 52, approved],
  ['重庆金渝商业管理有限公司', '客流分析试点', '其他', '8万', 15, { type: 'withdrawn', approvals: 0 }],
  ['重庆巴南区信息中心', '电子政务外网接入', '专线', '476万', 100, approved],
  ['重庆巴南区信息中心', '机房搬迁服务', '集成', '92万', 17, rejected(2, '付款比例与财务制度不符,首付款应不低于三成')],
  ['重庆江津粮油有限公司', '仓储物联网', '集成', '31.5万', 74, approved],
  ['重庆江津粮油有限公司', '总部互联网专线', '专线', '15.6万', 2, waiting(0)],
  ['重庆永川纺织有限公司', '短信和语音服务', '其他', '7.6万', 55, approved],
  ['重庆涪陵港务公司', '港区 5G 覆盖', '集成', '276万', 1, live(1)],
  ['重庆万州三峡旅游集团', '景区无线覆盖', '集成', '73万', 80, approved],
  ['重庆万州三峡旅游集团', '票务系统上云', '其他', '58万', 5, waiting(1)],
  ['重庆铜梁养老服务中心', '一键呼叫平台', '集成', '27万', 35, rejected(0, '客户信用资料不全,请先补齐营业执照和授权书')],
  ['成都锦江云科技有限公司', '双线机房托管', '专线', '126万', 105, approved],
  ['成都锦江云科技有限公司', '跨境专线', '专线', '86万', 4, live(2)],
  ['成都青羊电子商务有限公司', '呼叫中心租用', '其他', '44万', 84, approved],
  ['成都天府软件园管理公司', '园区光网建设', '集成', '352万', 68, approved],
  ['成都双流冷链物流有限公司', '温控物联网卡', '其他', '23.8万', 43, approved],
  ['成都武侯建筑设计院', '设计云桌面', '集成', '108万', 2, live(3)],
  ['成都武侯建筑设计院', '异地备份', '其他', '46万', 24, approved],
  ['成都龙泉汽车零部件有限公司', '工业互联网平台', '集成', '415万', 78, approved],
  ['成都龙泉汽车零部件有限公司', '厂区互联专线', '专线', '56万', 12, rejected(3, '毛利低于下限,请与客户重新谈价后再提交')],
  ['成都新都家具集团', '展厅数字化', '集成', '50万', 50, approved],
  ['成都金牛商贸有限公司', '连锁门店组网', '专线', '52万', 82, approved],
  ['成都郫都豆瓣食品有限公司', '产线监控', '集成', '30.9万', 3, waiting(0)],
  ['重庆轨道装备有限公司', '车地通信专网', '集成', '850万', 76, approved],
  ['重庆银山小额贷款公司', '双活数据中心', '集成', '505万', 59, rejected(2, '客户预付款未到账,到账后再提交')],
]

export const SAMPLE_CONTRACTS: readonly SampleContract[] = ROWS.map(([customer, title, type, amount, daysAgo, story]) => ({
  customer,
  title,
  type,
  amount,
  daysAgo,
  story,
}))
