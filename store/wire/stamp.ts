import { Binary, Long, Timestamp } from 'bson'
import { encode } from '../bson/index.ts'

const none = new Timestamp({ t: 0, i: 0 })
const noSignature = { hash: new Binary(Buffer.alloc(20)), keyId: Long.ZERO }
const whole = encode({ $clusterTime: { clusterTime: none, signature: noSignature }, operationTime: none })
const template = whole.subarray(4, whole.length - 1)
const places = ['clusterTime', 'operationTime'].map(name => template.indexOf(`\x11${name}\0`) + name.length + 2)

/** Tells the time of every reply (specification "Causal Consistency"): no two replies have the same. */
export class ReplyClock {
  private readonly nowMs: () => number
  private second = 0
  private increment = 0

  constructor(nowMs: () => number) {
    this.nowMs = nowMs
  }

  /** `$clusterTime` and `operationTime`, encoded as the last fields of a reply. */
  stamp(): Buffer {
    const second = Math.floor(this.nowMs() / 1000)
    this.increment = second === this.second ? this.increment + 1 : 1
    this.second = second
    const bytes = Buffer.from(template)
    for (const place of places) {
      bytes.writeUInt32LE(this.increment, place)
      bytes.writeUInt32LE(second, place + 4)
    }
    return bytes
  }
}
