/**
 * The mark of a write of ours, as `cloudmount-write` carries it: unique to the attempt, and telling whose content it was.
 * Marks are compared whole; of an earlier attempt's, only the node is looked at.
 */
import type { NodeId } from '../metadata/node.ts'

export type MarkFields = {
  /** Unique to the drive's journal. */
  writer: string
  node: NodeId
  operation: number
  attempt: number
  generation: number
}

export function writeMark({ writer, node, operation, attempt, generation }: MarkFields): string {
  return [writer, node, operation, attempt, generation].join('.')
}

/** Marks written before they named the node have four parts: nothing is known of those. */
export function isMarkOf(mark: string, node: NodeId): boolean {
  const parts = mark.split('.')
  return parts.length === 5 && parts[1] === String(node)
}
