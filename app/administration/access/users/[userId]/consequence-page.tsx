import { type ConsequenceProps, ConsequencePage as Page } from '@/app/consequence-page';
import type { User } from '@/db/schema/users';
import { displayName } from '@/lib/users/find';
import { detailHref } from '../detail-href';

type Props = Omit<ConsequenceProps, 'back' | 'description'> & { user: User };

/** The confirmation page before a command on one person. */
export const ConsequencePage = ({ user, children, ...rest }: Props) => (
  <Page {...rest} description={user.email} back={{ href: detailHref(user.id), label: displayName(user) }}>
    <input type="hidden" name="userId" value={user.id} />
    {children}
  </Page>
);
