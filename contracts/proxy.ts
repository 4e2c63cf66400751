/**
 * The way to a service where a proxy stands between: what a person chose, and what a worker is told. A password is part of neither:
 * it is kept like an account's secret, and travels beside.
 */
import { z } from 'zod'
import { t } from '../language/language.ts'
import { problemSchema } from './problem.ts'

/** Without a name or password: those have fields of their own, so that they are never kept or shown with the address. */
export const proxyAddressSchema = z
  .url({ protocol: /^https?$/ })
  .max(2048)
  .refine((address) => !address.includes('@'), { error: () => t('shared.proxy-address') })

const bypassSchema = z.array(z.string().min(1).max(255)).max(200)

/** Of endpoints that begin with `https`, and of those that begin with `http`. */
const addressesShape = { https: proxyAddressSchema.optional(), http: proxyAddressSchema.optional() }

export const proxySettingsSchema = z.discriminatedUnion('mode', [
  z.object({ mode: z.literal('none') }),
  z.object({
    mode: z.literal('manual'),
    ...addressesShape,
    user: z.string().min(1).max(256).optional(),
    /** Names that are reached without it. */
    bypass: bypassSchema,
  }),
])
export type ProxySettings = z.infer<typeof proxySettingsSchema>

export const proxyPasswordSchema = z.string().min(1).max(1024)

export const proxyRouteSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('direct') }),
  /** As HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say where the worker runs. */
  z.object({ kind: z.literal('environment') }),
  z.object({
    kind: z.literal('proxy'),
    ...addressesShape,
    user: z.string().optional(),
    password: z.string().optional(),
    bypass: bypassSchema,
  }),
])
export type ProxyRoute = z.infer<typeof proxyRouteSchema>

/** Whether each service could be reached that way. */
export const proxyTestSchema = z.object({
  outcomes: z.array(z.object({ endpoint: z.string(), problem: problemSchema.optional() })),
})
export type ProxyTest = z.infer<typeof proxyTestSchema>
