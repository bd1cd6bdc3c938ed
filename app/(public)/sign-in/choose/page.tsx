import type { Metadata } from 'next';
import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { ownPath } from '@/app/own-path';
import { Form, Submit } from '@/components/form/form';
import { PublicShell } from '@/components/ui/app-shell';
import { openTenantChoice } from '@/lib/auth/sign-in';
import { chooseTenantAction } from '../actions';
import { choiceCookieName } from '../choice';

export const metadata: Metadata = { title: 'Choose an organisation' };

type Props = { searchParams: Promise<{ next?: string | string[] }> };

export default async function ChooseTenantPage({ searchParams }: Props) {
  const accounts = await openTenantChoice((await cookies()).get(choiceCookieName())?.value);
  if (!accounts) redirect('/sign-in?notice=choice-expired');
  const next = ownPath((await searchParams).next, '/');
  return (
    <PublicShell title="Choose an organisation" text="Your address belongs to more than one.">
      {accounts.map(({ tenantId, tenantName }) => (
        <Form key={tenantId} action={chooseTenantAction}>
          <input type="hidden" name="tenantId" value={tenantId} />
          <input type="hidden" name="next" value={next} />
          <Submit variant="secondary">{tenantName}</Submit>
        </Form>
      ))}
    </PublicShell>
  );
}
