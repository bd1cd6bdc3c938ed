import type { ReactNode } from 'react';
import { Form, Submit } from '@/components/form/form';
import type { FormAction } from '@/components/form/form-state';
import { ButtonLink } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { Notice } from '@/components/ui/notice';
import { PageHeader } from '@/components/ui/page-header';
import { REFUSALS, type Refusal } from '@/lib/users/refusals';

export type ConsequenceProps = {
  title: string;
  description?: string;
  back: { href: string; label: string };
  /** What would happen, as the server computed it. */
  consequences: ReactNode[];
  /** Why the command is refused. If set, the page offers only the way back. */
  refusal?: Refusal | null;
  action: FormAction;
  button: string;
  variant?: 'danger' | 'primary';
  /** The fields of the form. */
  children?: ReactNode;
};

/** The page before a dangerous command: what it would do, a button to run it, and the way back. */
export const ConsequencePage = (props: ConsequenceProps) => (
  <>
    <PageHeader title={props.title} description={props.description} back={props.back} />
    <Card>
      <ul className="consequences">
        {props.consequences.map((consequence, i) => (
          <li key={i}>{consequence}</li>
        ))}
      </ul>
      {props.refusal ? (
        <>
          <Notice tone="warn">{REFUSALS[props.refusal]}</Notice>
          <ButtonLink href={props.back.href}>Back</ButtonLink>
        </>
      ) : (
        <Form action={props.action}>
          {props.children}
          <div className="form-actions">
            <Submit variant={props.variant ?? 'danger'}>{props.button}</Submit>
            <ButtonLink href={props.back.href}>Cancel</ButtonLink>
          </div>
        </Form>
      )}
    </Card>
  </>
);
