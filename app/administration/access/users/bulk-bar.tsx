import { SelectedCount } from '@/components/select-rows';
import { Button } from '@/components/ui/button';
import type { BulkDeed } from '@/lib/bulk';
import { DEED_WORDS } from './bulk/deed-words';

const OF_LIST: BulkDeed[] = [
  'make-admin',
  'make-standard',
  'deactivate',
  'reactivate',
  'sign-out',
  'ask-second-factor',
  'resend-invitation',
  'remove',
];

/** Shown by CSS as soon as a row is selected. Its buttons lead to the page that shows the consequences. */
export function BulkBar({ removed }: { removed: boolean }) {
  const deeds: BulkDeed[] = removed ? ['restore'] : OF_LIST;
  return (
    <div className="bulk-bar" role="toolbar" aria-label="With the selected people">
      <SelectedCount name="ids" />
      {deeds.map((deed) => (
        <Button
          key={deed}
          type="submit"
          name="deed"
          value={deed}
          size="small"
          variant={DEED_WORDS[deed].danger ? 'danger' : 'secondary'}
        >
          {DEED_WORDS[deed].button}
        </Button>
      ))}
    </div>
  );
}
