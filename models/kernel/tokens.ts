import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { type Connection, Schema } from 'mongoose'
import { createLeases, type Leased, leaseFields, leaseOf, unleased } from './lease.ts'
import { modelOn, plainSchema } from './mongo.ts'

interface TokenDoc extends Leased {
  /** Which app's token. */
  _id: string
  /** AES-256-GCM: nonce, tag and text, base64. */
  sealed?: string
  /** Milliseconds since 1970. */
  renewAt?: number
  fetchedAt?: Date
}

export interface SharedToken {
  value: string
  /** Business time, milliseconds. */
  renewAt: number
}

const NONCE_BYTES = 12
const TAG_BYTES = 16

const schema = new Schema<TokenDoc>(
  { _id: { type: String, required: true }, sealed: String, renewAt: Number, fetchedAt: Date, ...leaseFields },
  plainSchema,
)

const seal = (key: Buffer, id: string, value: string): string => {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(id))
  const text = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64')
}

const open = (key: Buffer, id: string, sealed: string): string | null => {
  try {
    const bytes = Buffer.from(sealed, 'base64')
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES)).setAAD(Buffer.from(id))
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8')
  } catch {
    return null
  }
}

/**
 * Access tokens that all processes share: one of them fetches, the others read. Kept sealed under a key that derives from `APP_SECRET`; what
 * cannot be opened (the secret was changed) counts as absent.
 */
export function createTokens(connection: Connection) {
  const model = modelOn<TokenDoc>(connection, 'Token', schema, 'tokens')
  const leases = createLeases(model)

  return {
    model,

    /** When each token was fetched. */
    async ages(): Promise<{ id: string; fetchedAt: Date }[]> {
      const rows = await model.find({ fetchedAt: { $exists: true } }, { fetchedAt: 1 }).lean<TokenDoc[]>()
      return rows.flatMap(({ _id, fetchedAt }) => (fetchedAt ? [{ id: _id, fetchedAt }] : []))
    },

    async read(key: Buffer, id: string): Promise<SharedToken | null> {
      const row = await model.findById(id).lean<TokenDoc>()
      const value = row?.sealed ? open(key, id, row.sealed) : null
      return value !== null && row?.renewAt !== undefined ? { value, renewAt: row.renewAt } : null
    },

    /**
     * Fetch a new token, if nobody else does at this moment.
     *
     * @param key 32 bytes, which seal it
     * @returns null when another process fetches: look again soon
     */
    async fetchAlone(
      key: Buffer,
      id: string,
      by: string,
      leaseMs: number,
      fetchToken: () => Promise<SharedToken>,
    ): Promise<SharedToken | null> {
      await model.updateOne({ _id: id }, { $setOnInsert: unleased() }, { upsert: true })
      const row = await leases.claim({ filter: { _id: id }, by, leaseMs })
      if (!row) return null
      try {
        const token = await fetchToken()
        await leases.finish(leaseOf(row), { sealed: seal(key, id, token.value), renewAt: token.renewAt, fetchedAt: new Date() })
        return token
      } catch (error) {
        await leases.finish(leaseOf(row), {}).catch(() => false)
        throw error
      }
    },

    /** The platform rejected this token: forget it, unless another process has fetched a newer one. */
    async forget(key: Buffer, id: string, value: string): Promise<void> {
      const row = await model.findById(id).lean<TokenDoc>()
      if (row?.sealed && open(key, id, row.sealed) === value) {
        await model.updateOne({ _id: id, sealed: row.sealed }, { $unset: { sealed: 1, renewAt: 1 } })
      }
    },
  }
}

export type Tokens = ReturnType<typeof createTokens>
