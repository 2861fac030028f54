import type { Popup, PullRefresh, Switch } from 'vant'

/** The Vant components that templates use; the build imports each where it is used, with its style. */
declare module 'vue' {
  export interface GlobalComponents {
    VanPopup: typeof Popup
    VanPullRefresh: typeof PullRefresh
    VanSwitch: typeof Switch
  }
}
