/** The part of a pino logger that the channels use. Objects carry stable codes, never tokens, secrets or message texts. */
export interface ChannelLog {
  info(fields: Record<string, unknown>, message: string): void
  warn(fields: Record<string, unknown>, message: string): void
  error(fields: Record<string, unknown>, message: string): void
}
