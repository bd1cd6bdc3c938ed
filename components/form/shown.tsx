import { KeptField } from './kept-field';

/** What a form shows as it is opened goes along with it: only what differs is meant to be changed (`app/meant.ts`). */
export const Shown = ({ values }: { values: Record<string, unknown> }) => (
  <KeptField name="shown" value={JSON.stringify(values)} />
);
