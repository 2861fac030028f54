const KIB = 1024

/** `820 KB`, `3.4 MB` */
export function formatSize(sizeBytes: number): string {
  if (sizeBytes < KIB) return `${sizeBytes} B`
  if (sizeBytes < KIB * KIB) return `${Math.round(sizeBytes / KIB)} KB`
  return `${(sizeBytes / KIB / KIB).toFixed(1)} MB`
}
