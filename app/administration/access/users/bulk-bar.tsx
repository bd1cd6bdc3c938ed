import { SelectedCount } from '@/components/select-rows';
import { Button } from '@/components/ui/button';
import type { BulkDeed } from '@/lib/bulk';
import { DEED_WORDS } from './bulk/deed-words';
import { filtersOf, type View } from './view';

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

/** `total` is the number of people in the view, or null if its page shows all. If set, all of them can be selected. */
type Props = { view: View; total: string | null };

/** CSS shows the bar as soon as a row is selected. Its buttons lead to the page that shows the consequences. */
export function BulkBar({ view, total }: Props) {
  const deeds: BulkDeed[] = view.status === 'removed' ? ['restore'] : OF_LIST;
  return (
    // The key resets the bar when the filters change: a ticked “all” meant the previous view.
    <div
      key={JSON.stringify(filtersOf(view))}
      className="bulk-bar"
      role="toolbar"
      aria-label="With the selected people"
    >
      <SelectedCount name="ids" />
      {total !== null && <WholeViewBox view={view} total={total} />}
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

/** Hidden fields carry the filters, so that the next page selects the same people. */
function WholeViewBox({ view, total }: { view: View; total: string }) {
  const filters = Object.entries(filtersOf(view)).filter(([, value]) => value !== undefined);
  return (
    <>
      <label className="whole-view">
        <input type="checkbox" name="all" value="yes" />
        {`Select all ${total} matching this view`}
      </label>
      {filters.map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
    </>
  );
}
