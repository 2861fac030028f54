import type { FileRef } from '../../../../common/contract/files.ts'

/** Attachments as a draft keeps them: JSON text; anything else counts as none. */
export function readAttachments(text: string): FileRef[] {
  if (!text) return []
  try {
    const files: unknown = JSON.parse(text)
    return Array.isArray(files) ? files.filter(isFileRef) : []
  } catch {
    return []
  }
}

function isFileRef(value: unknown): value is FileRef {
  const file = value as Partial<FileRef> | null
  return typeof file?.id === 'string' && typeof file.name === 'string' && typeof file.sizeBytes === 'number'
}
