/** What lies outside a definition and that it may name. What is not told is not checked. */
export interface Known {
  /** Commands that a service node may run. */
  commands?: ReadonlySet<string>
  /** Keys of published processes. */
  processes?: ReadonlySet<string>
  /** What every case carries beside the fields of its form: work may be given it too. */
  carried?: ReadonlySet<string>
}
