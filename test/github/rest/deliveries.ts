import { notFound, ok } from '../answer.ts'
import { type Delivery, idIn } from '../deliveries.ts'
import type { JsonObject } from '../json.ts'
import { pagedByCursor } from './paging.ts'
import { appRoute, type Route } from './route.ts'

export const deliveryRoutes: readonly Route[] = [
  appRoute('GET /app/hook/deliveries', ({ address }, { deliveries }) => {
    const status = address.searchParams.get('status')
    const asked = deliveries.all.filter(
      ({ statusCode }) => status === null || (status === 'success') === statusCode < 400,
    )
    return pagedByCursor(asked, address, (page) => page.map(deliveryShape))
  }),
  appRoute('GET /app/hook/deliveries/{delivery_id}', ({ named }, { deliveries }) => {
    const delivery = deliveries.all.find(({ id }) => id === Number(named.delivery_id))
    if (delivery === undefined) return notFound
    const request = { headers: { 'x-github-event': delivery.event }, payload: delivery.payload }
    return ok({ ...deliveryShape(delivery), request, response: { headers: {}, payload: '' } })
  }),
  appRoute('POST /app/hook/deliveries/{delivery_id}/attempts', ({ named }, { deliveries }) =>
    deliveries.redeliver(Number(named.delivery_id)) ? { status: 202, body: {} } : notFound,
  ),
]

function deliveryShape(delivery: Delivery): JsonObject {
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: delivery.deliveredAt.toISOString(),
    redelivery: delivery.redelivery,
    duration: delivery.duration,
    status: delivery.status,
    status_code: delivery.statusCode,
    event: delivery.event,
    action: delivery.action,
    installation_id: idIn(delivery.payload, 'installation'),
    repository_id: idIn(delivery.payload, 'repository'),
    throttled_at: null,
  }
}
