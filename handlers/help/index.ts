import type { Services } from '../kernel/services.ts'

/** 帮助: what one can say, with examples. */
export const helpText = (services: Services): string =>
  `我能帮您:
· 新建线索 重庆长安汽车 张伟 13812345678 专线 预算80万
· 查 长安汽车(或拼音首字母 查 caqc)
· 拜访 长安汽车 / 谁负责 长安汽车
· 写跟进 长安汽车 今天沟通了续约
· 提交合同 长安汽车 专线扩容 专线 62万
· 待办 / 我的审批
· 同意 1 / 拒绝 1 理由 / 转交 1 李四
· 催一下 / 撤回 / 撤销同意
· 完成 1(办理的事项)/ 退回 1 理由 / 加签 1 李四 / 评论 1 内容 / 抄送 1 李四 / 全部同意
· 发起 项目报备 长安汽车(发送"发起"看全部流程)
· 委托 李四 到 周五 / 取消委托
· 流程用时(每个流程平均多久,慢在哪一步)
· 分享进度 长安汽车 / 撤销分享 长安汽车
· 建群 长安汽车
手机版:${services.links.h5('/todos')}`

/** Said when somebody opens the conversation for the first time in a while. */
export const welcomeText = (name: string): string =>
  `${name},您好。我是客联,直接说话就能记客户、查客户、办审批。发送"帮助"查看说法。`
