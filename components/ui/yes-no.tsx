type Props = { value: boolean | null };

/** A tick, a dash, or "n/a": told apart by shape and by word, not by colour alone. */
export function YesNo({ value }: Props) {
  if (value === null) return <abbr title="Not applicable: signs in by SAML only">n/a</abbr>;
  return value ? <b>✓ Yes</b> : 'No';
}
