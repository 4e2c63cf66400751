/** How much of the line the drives may use: what a person sets for all of them, and the part of it that one drive keeps to. */
import { z } from 'zod'

/** Less would make programs wait longer than they do for a file. */
export const leastBytesPerSecond = 50_000
/** As many as are sent at once without a limit. */
export const mostParallelUploads = 16

const rateSchema = z.number().int().min(leastBytesPerSecond)
const minuteSchema = z
  .number()
  .int()
  .min(0)
  .max(24 * 60 - 1)

/** Minutes after midnight where the computer is; `to` before `from`: over midnight, begun on one of the days. */
export const limitHoursSchema = z.object({
  /** 0 is Sunday. */
  days: z.array(z.number().int().min(0).max(6)).min(1).max(7),
  from: minuteSchema,
  to: minuteSchema,
})
export type LimitHours = z.infer<typeof limitHoursSchema>

/** Absent: as much as there is. */
export const driveLimitsSchema = z.object({
  uploadBytesPerSecond: z.number().positive().optional(),
  downloadBytesPerSecond: z.number().positive().optional(),
  /** Files that are sent at once. */
  parallelUploads: z.number().int().min(1).max(mostParallelUploads).optional(),
})
export type DriveLimits = z.infer<typeof driveLimitsSchema>

/** Rates are of all drives together, the number of uploads is of each. */
export const transferLimitsSchema = z.object({
  uploadBytesPerSecond: rateSchema.optional(),
  downloadBytesPerSecond: rateSchema.optional(),
  parallelUploads: driveLimitsSchema.shape.parallelUploads,
  /** When the rates hold; absent: always. */
  hours: limitHoursSchema.optional(),
})
export type TransferLimits = z.infer<typeof transferLimitsSchema>
