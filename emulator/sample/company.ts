import type { CompanySeed } from '../kernel/company.ts'

/**
 * 渝信通信: a telecom operator's business unit.
 *
 * 王敏 (副总), 周建国 (销售总监), 李静 (财务) and some sales are on both platforms with equal mobiles; 陈涛 and 何娟 only on DingTalk;
 * 孙丽 and 马超 only on WeCom. A contract of 张三 goes to 刘强 (direct superior), 陈涛 (技术), 李静 (财务), 王敏 (副总).
 */
export const sampleCompany: CompanySeed = {
  name: '渝信通信',
  departments: [
    { id: 1, name: '渝信通信', parentId: 0, leaderUserIds: ['wangmin', 'u1000'] },
    { id: 2, name: '销售中心', parentId: 1, leaderUserIds: ['zhoujianguo', 'u1010'] },
    { id: 3, name: '销售一部', parentId: 2, leaderUserIds: ['liuqiang', 'u1011'] },
    { id: 4, name: '销售二部', parentId: 2, leaderUserIds: ['zhaomin'] },
    { id: 5, name: '技术部', parentId: 1, leaderUserIds: ['u1030'] },
    { id: 6, name: '财务部', parentId: 1, leaderUserIds: ['lijing', 'u1040'] },
  ],
  people: [
    { wecomUserId: 'wangmin', dingtalkUserId: 'u1000', name: '王敏', mobile: '13900001000', title: '副总经理', departmentId: 1 },
    {
      wecomUserId: 'zhoujianguo',
      dingtalkUserId: 'u1010',
      name: '周建国',
      mobile: '13900001010',
      title: '销售总监',
      departmentId: 2,
      directLeader: 'wangmin',
    },
    {
      wecomUserId: 'liuqiang',
      dingtalkUserId: 'u1011',
      name: '刘强',
      mobile: '13900001011',
      title: '销售一部经理',
      departmentId: 3,
      directLeader: 'zhoujianguo',
    },
    {
      wecomUserId: 'zhang3',
      dingtalkUserId: 'u1001',
      name: '张三',
      mobile: '13900001001',
      title: '客户经理',
      departmentId: 3,
      directLeader: 'liuqiang',
    },
    {
      wecomUserId: 'li4',
      dingtalkUserId: 'u1002',
      name: '李四',
      mobile: '13900001002',
      title: '客户经理',
      departmentId: 3,
      directLeader: 'liuqiang',
    },
    { wecomUserId: 'sunli', name: '孙丽', mobile: '13900001003', title: '客户经理', departmentId: 3, directLeader: 'liuqiang' },
    {
      wecomUserId: 'zhaomin',
      name: '赵敏',
      mobile: '13900001020',
      title: '销售二部经理',
      departmentId: 4,
      directLeader: 'zhoujianguo',
    },
    { wecomUserId: 'wang5', name: '王五', mobile: '13900001021', title: '客户经理', departmentId: 4, directLeader: 'zhaomin' },
    { wecomUserId: 'machao', name: '马超', mobile: '13900001022', title: '大客户经理', departmentId: 4, directLeader: 'zhaomin' },
    {
      wecomUserId: 'huangrong',
      dingtalkUserId: 'u1023',
      name: '黄蓉',
      mobile: '13900001023',
      title: '客户经理',
      departmentId: 4,
      directLeader: 'zhaomin',
    },
    { dingtalkUserId: 'u1030', name: '陈涛', mobile: '13900001030', title: '技术总监', departmentId: 5, directLeader: 'u1000' },
    {
      dingtalkUserId: 'u1031',
      name: '吴磊',
      mobile: '13900001031',
      title: '解决方案工程师',
      departmentId: 5,
      directLeader: 'u1030',
    },
    {
      wecomUserId: 'yangfan',
      dingtalkUserId: 'u1032',
      name: '杨帆',
      mobile: '13900001032',
      title: '项目经理',
      departmentId: 5,
      directLeader: 'u1030',
    },
    {
      wecomUserId: 'lijing',
      dingtalkUserId: 'u1040',
      name: '李静',
      mobile: '13900001040',
      title: '财务经理',
      departmentId: 6,
      directLeader: 'wangmin',
    },
    { dingtalkUserId: 'u1041', name: '郑洁', mobile: '13900001041', title: '出纳', departmentId: 6, directLeader: 'u1040' },
    {
      dingtalkUserId: 'u1004',
      name: '何娟',
      mobile: '13900001004',
      title: '客户经理',
      departmentId: 3,
      directLeader: 'liuqiang',
    },
  ],
}
