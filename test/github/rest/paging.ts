import { type Answer, ok, refusal } from '../answer.ts'
import type { Json } from '../json.ts'

export interface Page {
  readonly size: number
  readonly number: number
}

/** `per_page` (30, at most 100) and `page` (1), as GitHub reads them: what makes no sense counts as not given. */
export function pageOf(query: URLSearchParams): Page {
  const size = Number.parseInt(query.get('per_page') ?? '', 10)
  const number = Number.parseInt(query.get('page') ?? '', 10)
  return { size: size > 0 ? Math.min(size, 100) : 30, number: number > 0 ? number : 1 }
}

/** One page of a list, with the `Link` header that leads to the others. */
export function paged<T>(
  items: readonly T[],
  address: URL,
  show: (items: readonly T[]) => Json | Promise<Json>,
): Answer | Promise<Answer> {
  const { size, number } = pageOf(address.searchParams)
  const last = Math.max(1, Math.ceil(items.length / size))
  const to = (page: number, rel: string) => link(address, { page: String(page) }, rel)
  const links = [
    ...(number > 1 ? [to(Math.min(number - 1, last), 'prev')] : []),
    ...(number < last ? [to(number + 1, 'next'), to(last, 'last')] : []),
    ...(number > 1 ? [to(1, 'first')] : []),
  ]
  const headers: Record<string, string> = links.length > 0 ? { link: links.join(', ') } : {}
  const shown = show(items.slice((number - 1) * size, number * size))
  return shown instanceof Promise ? shown.then((body) => ok(body, headers)) : ok(shown, headers)
}

/** Newest first, from after the item whose id the cursor names. */
export function pagedByCursor<T extends { readonly id: number }>(
  items: readonly T[],
  address: URL,
  show: (items: readonly T[]) => Json,
): Answer {
  const { size } = pageOf(address.searchParams)
  const cursor = address.searchParams.get('cursor')
  const after = cursor === null ? Number.POSITIVE_INFINITY : Number(/^v1_(\d+)$/.exec(cursor)?.[1])
  if (Number.isNaN(after)) return refusal(422, 'Invalid cursor')
  const following = items.filter(({ id }) => id < after).sort((a, b) => b.id - a.id)
  const page = following.slice(0, size)
  const last = page.at(-1)
  if (last === undefined || following.length === page.length) return ok(show(page))
  return ok(show(page), { link: link(address, { cursor: `v1_${last.id}` }, 'next') })
}

function link(address: URL, change: Readonly<Record<string, string>>, rel: string): string {
  const url = new URL(address)
  for (const [name, value] of Object.entries(change)) url.searchParams.set(name, value)
  return `<${url.href}>; rel="${rel}"`
}
