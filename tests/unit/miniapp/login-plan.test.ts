import { describe, expect, test } from '@jest/globals'
import { detectHost, readPageQuery } from '../../../miniapp/src/kernel/host.ts'
import { loginErrorOf, loginUrl, planLogin, returnTarget } from '../../../miniapp/src/kernel/login-plan.ts'

const dingtalk = { corpId: 'ding1', clientId: 'c1' }
const both = { wecom: true, dingtalk }
const nowhere = { slot: null, via: null }

describe('where the page runs', () => {
  test.each([
    ['Mozilla/5.0 (iPhone) MicroMessenger/7.0.1 wxwork/4.1.0', 'wecom'],
    ['Mozilla/5.0 AliApp(DingTalk/7.6.0)', 'dingtalk'],
    ['Mozilla/5.0 (iPhone) MicroMessenger/8.0', 'browser'],
    ['Mozilla/5.0 Chrome/140', 'browser'],
  ])('%s is %s', (agent, host) => {
    expect(detectHost(agent)).toBe(host)
  })

  test('a slot or platform nobody knows is ignored', () => {
    expect(readPageQuery('?slot=left&via=wecom')).toEqual({ slot: 'left', via: 'wecom' })
    expect(readPageQuery('?slot=<script>&via=qq')).toEqual(nowhere)
  })
})

describe('how to log in', () => {
  test('inside an app its own login starts by itself', () => {
    expect(planLogin({ host: 'wecom', page: nowhere, options: both, askFirst: false })).toEqual({ type: 'go', way: 'wecom' })
    expect(planLogin({ host: 'dingtalk', page: nowhere, options: both, askFirst: false })).toEqual({ type: 'dingtalk-code' })
  })

  test('a plain browser chooses between two platforms and goes straight to the only one', () => {
    expect(planLogin({ host: 'browser', page: nowhere, options: both, askFirst: false })).toEqual({
      type: 'choose',
      ways: ['wecom', 'dingtalk'],
    })
    const onlyDingtalk = { wecom: false, dingtalk }
    expect(planLogin({ host: 'browser', page: nowhere, options: onlyDingtalk, askFirst: false })).toEqual({
      type: 'go',
      way: 'dingtalk',
    })
    const none = { wecom: false, dingtalk: null }
    expect(planLogin({ host: 'browser', page: nowhere, options: none, askFirst: false })).toEqual({ type: 'choose', ways: [] })
  })

  test('a phone of the chat window goes to its own platform, if that is connected', () => {
    const left = { slot: 'left', via: 'dingtalk' } as const
    expect(planLogin({ host: 'browser', page: left, options: both, askFirst: false })).toEqual({ type: 'go', way: 'dingtalk' })
    expect(planLogin({ host: 'browser', page: { slot: null, via: 'wecom' }, options: both, askFirst: false }).type).toBe('choose')
  })

  test('after a failure nothing starts by itself', () => {
    expect(planLogin({ host: 'wecom', page: nowhere, options: both, askFirst: true })).toEqual({
      type: 'choose',
      ways: ['wecom'],
    })
    expect(planLogin({ host: 'browser', page: nowhere, options: { wecom: true, dingtalk: null }, askFirst: true }).type).toBe(
      'choose',
    )
  })
})

describe('coming back', () => {
  test('the link the person came for travels along, hash and query included', () => {
    expect(loginUrl('wecom', '#/approvals/c1?act=reject', 'left')).toBe(
      '/api/auth/wecom?to=%23%2Fapprovals%2Fc1%3Fact%3Dreject&slot=left',
    )
    expect(loginUrl('dingtalk', '/admin/', null)).toBe('/api/auth/dingtalk?to=%2Fadmin%2F')
  })

  test.each([
    ['#/approvals/c1', '#/approvals/c1'],
    ['', '#/todos'],
    ['#/login', '#/todos'],
    ['#/login?login_error=x&to=%23%2Fcustomers%2Fk1', '#/customers/k1'],
    ['#/login?to=https%3A%2F%2Fevil.example', '#/todos'],
    ['#/login?to=%23%2Flogin', '#/todos'],
  ])('from %s the login returns to %s', (hash, target) => {
    expect(returnTarget(hash)).toBe(target)
  })

  test('only the login page carries a reason', () => {
    expect(loginErrorOf('#/login?login_error=auth.code_invalid')).toBe('auth.code_invalid')
    expect(loginErrorOf('#/todos?login_error=x')).toBeNull()
  })
})
