/** One line of the result table. */
export interface Row {
  what: string
  value: string
  target?: string
}

const isWide = (char: string): boolean => /[\u2e80-\uffef]/.test(char)
const width = (text: string): number => [...text].reduce((sum, char) => sum + (isWide(char) ? 2 : 1), 0)
const pad = (text: string, to: number): string => text + ' '.repeat(Math.max(0, to - width(text)))

/** A table for the terminal. */
export function table(title: string, rows: readonly Row[]): string {
  const [left, middle] = [Math.max(...rows.map(row => width(row.what))), Math.max(...rows.map(row => width(row.value)))]
  const lines = rows.map(row => `  ${pad(row.what, left)}  ${pad(row.value, middle)}  ${row.target ?? ''}`.trimEnd())
  return `\n${title}\n${lines.join('\n')}\n`
}
