/**
 * What an emulated person cannot do, or a driver call that makes no sense.
 *
 * Codes: `person.unknown`, `card.unknown`, `customer.unknown`, `card.no_live_button`, `menu.unknown`, `callback.not_configured`, `input.too_large`, `input.invalid`.
 */
export class EmulatorError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.name = 'EmulatorError'
    this.code = code
  }
}
