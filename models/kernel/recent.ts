/** The last so many things that were put in, by key; what is asked for stays longest. */
export function createRecent<Value>(limit: number) {
  const kept = new Map<string, Value>()

  function put(key: string, value: Value): void {
    kept.delete(key)
    kept.set(key, value)
    const [oldest] = kept.size > limit ? kept.keys() : []
    if (oldest !== undefined) kept.delete(oldest)
  }

  return {
    put,
    get(key: string): Value | undefined {
      const value = kept.get(key)
      if (value !== undefined) put(key, value)
      return value
    },
    drop: (key: string): boolean => kept.delete(key),
  }
}
