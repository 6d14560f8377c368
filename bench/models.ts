/** Models: what a delivery of a registry costs, what a promotion calls and how long it takes to be sent, and packing. */
import type { Figures } from './figure.ts'
import { packFigures } from './models/pack.ts'
import { promotionFigures } from './models/promotion.ts'
import { webhookFigures } from './models/webhook.ts'

/** The first two want the machine for themselves; the last starts most processes. */
export const figures: Figures = async (say) => [
  ...(await webhookFigures(say)),
  ...(await packFigures(say)),
  ...(await promotionFigures(say)),
]
