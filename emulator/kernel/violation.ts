/** Something the service sent that the vendor page does not know, or that a client would cut off. */
export interface Violation {
  at: number
  path: string
  kind: 'unknown_field' | 'missing_field' | 'over_length' | 'wrong_type' | 'not_for_type'
  field: string
  detail: string
}
