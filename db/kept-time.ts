/** Whether Postgres accepts the date as `Date` writes it: years 1 to 9999. Any other would fail its statement. */
export const isKeptTime = (at: Date): boolean =>
  !Number.isNaN(at.getTime()) && /^(?!0000)\d{4}-/.test(at.toISOString());
