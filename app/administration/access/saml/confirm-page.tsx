import type { ReactNode } from 'react';
import { Form, Submit } from '@/components/form/form';
import type { FormAction } from '@/components/form/form-state';
import { ButtonLink } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { Notice } from '@/components/ui/notice';
import { PageHeader } from '@/components/ui/page-header';
import { REFUSALS, type Refusal } from '@/lib/users/refusals';
import { SAML_PATH } from './saml-path';

type Props = {
  title: string;
  consequences: string[];
  refusal: Refusal | null;
  action: FormAction;
  button: string;
  children?: ReactNode;
};

/** The page before a deed that closes a way in: what it would do, then the deed or the way back. */
export const ConfirmPage = ({ title, consequences, refusal, action, button, children }: Props) => (
  <div className="narrow">
    <PageHeader title={title} back={{ href: SAML_PATH, label: 'SAML Setup' }} />
    <Card>
      <ul className="consequences">
        {consequences.map((consequence) => (
          <li key={consequence}>{consequence}</li>
        ))}
      </ul>
      {refusal ? (
        <>
          <Notice tone="warn">{REFUSALS[refusal]}</Notice>
          <ButtonLink href={SAML_PATH}>Back</ButtonLink>
        </>
      ) : (
        <Form action={action}>
          {children}
          <div className="form-actions">
            <Submit variant="danger">{button}</Submit>
            <ButtonLink href={SAML_PATH}>Cancel</ButtonLink>
          </div>
        </Form>
      )}
    </Card>
  </div>
);

const count = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;

type Foreseen = { samlSessions: number; samlOnly: number; passwordAdmins: number };

/** What ends when the provider's word is not taken any more: the same for disabling and deleting. */
export const offWords = ({ samlSessions, samlOnly, passwordAdmins }: Foreseen): string[] => [
  samlSessions === 0
    ? 'No session that SAML opened is alive.'
    : `${count(samlSessions, 'session that SAML opened ends', 'sessions that SAML opened end')} at once.`,
  samlOnly === 0
    ? 'Everybody who is active has a password.'
    : `${count(samlOnly, 'person has', 'people have')} no password, and cannot sign in until an admin sends them a link to set one.`,
  passwordAdmins === 0
    ? 'No Tenant Admin who can sign in would remain.'
    : `${count(passwordAdmins, 'Tenant Admin can', 'Tenant Admins can')} sign in by password.`,
];
