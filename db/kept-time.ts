/** A moment that Postgres reads as a Date writes it: of the years 1 to 9999. Any other would fail the statement it is in. */
export const isKeptTime = (at: Date): boolean =>
  !Number.isNaN(at.getTime()) && /^(?!0000)\d{4}-/.test(at.toISOString());
