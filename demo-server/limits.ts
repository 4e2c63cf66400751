/** AWS's documented limits, enforced so that what works here works there. */
const MIB = 1024 * 1024
const GIB = 1024 * MIB

export const MAX_KEY_BYTES = 1024
/** Names and values of user metadata together. */
export const MAX_METADATA_BYTES = 2048
export const MIN_PART_BYTES = 5 * MIB
export const MAX_PART_BYTES = 5 * GIB
export const MAX_PUT_BYTES = 5 * GIB
export const MAX_COPY_BYTES = 5 * GIB
export const MAX_PARTS = 10_000
export const MAX_PAGE_KEYS = 1000
export const MAX_DELETE_KEYS = 1000
/** Our own: no request document of S3's is larger. */
export const MAX_XML_BYTES = 4 * MIB
export const MAX_CLOCK_SKEW_MS = 15 * 60 * 1000
export const MAX_PRESIGNED_SECONDS = 7 * 24 * 3600
