type Props = { value: boolean | null };

/** A tick, a dash, or "n/a": told apart by shape and by word, not by colour alone. */
export function YesNo({ value }: Props) {
  if (value === null)
    return (
      <abbr className="not-applicable" title="Not applicable: signs in by SAML only">
        n/a
      </abbr>
    );
  return value ? (
    <span className="yes">
      <span aria-hidden="true">✓</span> Yes
    </span>
  ) : (
    <span className="no">No</span>
  );
}
