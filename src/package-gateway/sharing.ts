/** Callers with the same key share one running call. */
export function sharing<T>(): (key: string, start: () => Promise<T>) => Promise<T> {
  const running = new Map<string, Promise<T>>()
  return (key, start) => {
    const known = running.get(key)
    if (known !== undefined) return known
    const call = start().finally(() => running.delete(key))
    running.set(key, call)
    return call
  }
}
