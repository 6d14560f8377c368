/** Models: the cost of a registry's delivery, the calls and the time of a promotion, and packing. */
import type { Figures } from './figure.ts'
import { packFigures } from './models/pack.ts'
import { promotionFigures } from './models/promotion.ts'
import { webhookFigures } from './models/webhook.ts'

/** The first two need an idle machine, so the one that starts the most processes comes last. */
export const figures: Figures = async (say) => [
  ...(await webhookFigures(say)),
  ...(await packFigures(say)),
  ...(await promotionFigures(say)),
]
