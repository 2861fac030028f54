import { Schema } from 'mongoose'
import { plainSchema } from '../kernel/mongo.ts'

/** One account of a person on one platform. */
export interface Account {
  /** `wecom:<corp>:<user id>`, see `identityKey`. */
  key: string
  platform: string
  corp: string
  userId: string
  title?: string
  /** Department ids of that platform, as `<platform>:<id>`. */
  departmentIds: string[]
  leaderOf: string[]
  /** Superior as the platform says, an account key. */
  superiorKey?: string
  /** WeCom tags or DingTalk roles by name. */
  roles: string[]
  active: boolean
}

export interface PersonDoc {
  _id: string
  name: string
  mobile?: string
  accounts: Account[]
  /** The admin's choices; they beat what the platforms say. */
  assigned: { roles: string[]; superiorId?: string | null; isAdmin?: boolean }
  active: boolean
  /** When their mobile number was looked up on the other platform and nobody was found. */
  soughtAt?: Date
  /** The app last written or clicked in. */
  lastPlatform?: string
  /** Set when this person was folded into another. */
  mergedInto?: string
  createdAt: Date
}

export const personSchema = new Schema<PersonDoc>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    mobile: String,
    accounts: {
      type: [
        new Schema<Account>(
          {
            key: String,
            platform: String,
            corp: String,
            userId: String,
            title: String,
            departmentIds: [String],
            leaderOf: [String],
            superiorKey: String,
            roles: [String],
            active: Boolean,
          },
          { _id: false },
        ),
      ],
      required: true,
    },
    assigned: {
      type: new Schema({ roles: [String], superiorId: String, isAdmin: Boolean }, { _id: false }),
      default: () => ({ roles: [] }),
    },
    active: { type: Boolean, required: true },
    soughtAt: Date,
    lastPlatform: String,
    mergedInto: String,
    createdAt: { type: Date, required: true },
  },
  plainSchema,
)
personSchema.index({ 'accounts.key': 1 }, { unique: true, partialFilterExpression: { 'accounts.key': { $exists: true } } })
personSchema.index({ mobile: 1 }, { sparse: true })
personSchema.index({ name: 1 })

export interface DepartmentDoc {
  /** `<platform>:<corp>:<id>` */
  _id: string
  platform: string
  corp: string
  name: string
  parentId: string | null
  leaderKeys: string[]
}

export const departmentSchema = new Schema<DepartmentDoc>(
  {
    _id: { type: String, required: true },
    platform: String,
    corp: String,
    name: { type: String, required: true },
    parentId: { type: String, default: null },
    leaderKeys: [String],
  },
  plainSchema,
)
