import type { ReactNode } from 'react';
import { Form, Submit } from '@/components/form/form';
import type { FormAction } from '@/components/form/form-state';
import { ButtonLink } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { Notice } from '@/components/ui/notice';
import { PageHeader } from '@/components/ui/page-header';
import type { User } from '@/db/schema/users';
import { displayName } from '@/lib/users/find';
import { REFUSALS, type Refusal } from '@/lib/users/refusals';
import { detailHref } from '../detail-href';

type Props = {
  user: User;
  title: string;
  /** What would happen, as the server computed it. */
  consequences: ReactNode[];
  refusal: Refusal | null;
  action: FormAction;
  button: string;
  variant?: 'danger' | 'primary';
  children?: ReactNode;
};

/** The page before a dangerous deed: what it would do, then the deed or the way back. */
export function ConsequencePage({
  user,
  title,
  consequences,
  refusal,
  action,
  button,
  variant = 'danger',
  children,
}: Props) {
  const back = detailHref(user.id);
  return (
    <>
      <PageHeader title={title} description={user.email} back={{ href: back, label: displayName(user) }} />
      <Card>
        <ul className="consequences">
          {consequences.map((consequence, i) => (
            <li key={i}>{consequence}</li>
          ))}
        </ul>
        {refusal ? (
          <>
            <Notice tone="warn">{REFUSALS[refusal]}</Notice>
            <ButtonLink href={back}>Back</ButtonLink>
          </>
        ) : (
          <Form action={action}>
            <input type="hidden" name="userId" value={user.id} />
            {children}
            <div className="form-actions">
              <Submit variant={variant}>{button}</Submit>
              <ButtonLink href={back}>Cancel</ButtonLink>
            </div>
          </Form>
        )}
      </Card>
    </>
  );
}
