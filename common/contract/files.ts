/** `POST /api/files?name=…` with the bytes as body (≤ 20 MB) answers this; `GET /api/files/:id` serves them. */
export interface FileRef {
  id: string
  name: string
  sizeBytes: number
  type: string
}
