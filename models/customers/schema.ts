import { Schema } from 'mongoose'
import type { CustomerStage } from '../../common/contract/customers.ts'
import { plainSchema } from '../kernel/mongo.ts'

export interface CustomerDoc {
  _id: string
  name: string
  /** Normalised company name; one customer each. */
  nameKey: string
  /** Suffixes of the name and of its pinyin, so that "contains" is an indexed prefix search. */
  grams: string[]
  initials: string[]
  stage: CustomerStage
  source: string
  tags: string[]
  ownerId: string
  ownerSince: Date
  createdAt: Date
  lastActivityAt: Date
}

export const customerSchema = new Schema<CustomerDoc>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    nameKey: { type: String, required: true },
    grams: [String],
    initials: [String],
    stage: { type: String, required: true },
    source: { type: String, required: true },
    tags: [String],
    ownerId: { type: String, required: true },
    ownerSince: { type: Date, required: true },
    createdAt: { type: Date, required: true },
    lastActivityAt: { type: Date, required: true },
  },
  plainSchema,
)
customerSchema.index({ nameKey: 1 }, { unique: true })
customerSchema.index({ grams: 1 })
customerSchema.index({ initials: 1 })
customerSchema.index({ ownerId: 1, lastActivityAt: -1, _id: 1 })
customerSchema.index({ lastActivityAt: -1, _id: 1 })
