import { jwtVerify, SignJWT } from 'jose'
import type { Context } from 'koa'
import type { Secrets } from '../../handlers/kernel/secrets.ts'

const SESSION_SECONDS = 7 * 24 * 3600
const LOGIN_SECONDS = 10 * 60
const COOKIE = 'kelian_session'

/** The holder of the one-time link, before the first real admin exists. */
export const SETUP_PERSON = 'setup'

interface PendingLogin {
  to: string
  slot: string | null
}

export interface SessionOptions {
  secrets: Secrets
  /** Cookies only over https. */
  secure: boolean
  /** The chat window's phones hold separate sessions. */
  slots: boolean
}

/** Logins in signed cookies: nothing to store, valid in every process, ended by their time. */
export function createSessions({ secrets, secure, slots }: SessionOptions) {
  const keys = secrets.keys('session')
  const [current] = keys
  const cookie = { httpOnly: true, sameSite: 'lax', secure, path: '/', signed: false } as const

  const sign = (claims: Record<string, unknown>, audience: string, seconds: number): Promise<string> =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid: current.id })
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(`${seconds}s`)
      .sign(current.bytes)

  async function open(token: string | undefined, audience: string): Promise<Record<string, unknown> | null> {
    if (!token) return null
    try {
      const keyOf = ({ kid }: { kid?: string }): Uint8Array => (keys.find(({ id }) => id === kid) ?? current).bytes
      return (await jwtVerify(token, keyOf, { audience, algorithms: ['HS256'] })).payload
    } catch {
      return null
    }
  }

  function keep(ctx: Context, name: string, value: string | null, maxAge?: number): void {
    // Behind a proxy that ends TLS the connection here is plain; whether the browser's is secure, PUBLIC_URL says.
    ctx.cookies.secure = secure
    ctx.cookies.set(name, value, { ...cookie, ...(maxAge !== undefined && { maxAge }) })
  }

  const slotOf = (ctx: Context): string | null => {
    const given = ctx.get('x-kelian-slot') || String(ctx.query.slot ?? '')
    return slots && /^(left|right)$/.test(given) ? given : null
  }
  const nameOf = (slot: string | null): string => (slot ? `${COOKIE}_${slot}` : COOKIE)
  const loginName = (state: string): string => `kelian_login_${state}`

  return {
    slotOf,

    /** Who is logged in, as a person id; null when nobody is. */
    async read(ctx: Context): Promise<string | null> {
      const claims = await open(ctx.cookies.get(nameOf(slotOf(ctx)), { signed: false }), 'session')
      return typeof claims?.sub === 'string' ? claims.sub : null
    },

    async begin(ctx: Context, personId: string, slot: string | null = slotOf(ctx)): Promise<void> {
      keep(ctx, nameOf(slot), await sign({ sub: personId }, 'session', SESSION_SECONDS), SESSION_SECONDS * 1000)
    },

    end(ctx: Context): void {
      keep(ctx, nameOf(slotOf(ctx)), null)
    },

    /** Remember where a login should lead while the browser is away. */
    async depart(ctx: Context, state: string, pending: PendingLogin): Promise<void> {
      keep(ctx, loginName(state), await sign({ ...pending }, `login:${state}`, LOGIN_SECONDS), LOGIN_SECONDS * 1000)
    },

    async arrive(ctx: Context, state: string): Promise<PendingLogin | null> {
      if (!/^[A-Za-z0-9]{1,128}$/.test(state)) return null
      const claims = await open(ctx.cookies.get(loginName(state), { signed: false }), `login:${state}`)
      return typeof claims?.to === 'string' ? { to: claims.to, slot: typeof claims.slot === 'string' ? claims.slot : null } : null
    },
  }
}

export type Sessions = ReturnType<typeof createSessions>
