import { KeptField } from './kept-field';

/** Sends along what the form showed when it was opened: only values that differ are meant as changes (`app/meant.ts`). */
export const Shown = ({ values }: { values: Record<string, unknown> }) => (
  <KeptField name="shown" value={JSON.stringify(values)} />
);
