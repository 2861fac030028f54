/** What is wrong with a piece of configuration: where (`branches.0.when.value`), a stable code, and a Chinese sentence for its author. */
export interface Fault {
  path: string
  code: string
  message: string
}

/** Joins the parts of a fault's path, leaving out empty ones. */
export const faultPath = (...parts: readonly (string | number)[]): string => parts.filter(part => part !== '').join('.')
