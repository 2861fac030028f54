/** A business error as WeCom answers it: HTTP 200 with an errcode. */
export class WeComRefusal extends Error {
  readonly errcode: number

  constructor(errcode: number, errmsg: string) {
    super(errmsg)
    this.name = 'WeComRefusal'
    this.errcode = errcode
  }
}

/** The error body; its text varies, so that nobody parses it. */
export function refusalBody(errcode: number, errmsg: string): { errcode: number; errmsg: string } {
  const hint = Math.floor(Math.random() * 1e9)
  return { errcode, errmsg: `${errmsg}, hint: [${hint}], from ip: 127.0.0.1, more info at /devtool/query?e=${errcode}` }
}
