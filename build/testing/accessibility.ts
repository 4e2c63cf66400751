import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'

/** What breaks a rule of accessibility on the page, one line for each element; of all rules, or of those named. */
export async function accessibilityFindings(page: Page, rules?: string[]): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode(true)
    // What passes is a lot, and nobody reads it.
    .options({ resultTypes: ['violations'], ...(rules && { runOnly: { type: 'rule', values: rules } }) })
    .analyze()
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`),
  )
}

/** Between light and dark nothing changes but colours. */
export const darkRules = ['color-contrast']
