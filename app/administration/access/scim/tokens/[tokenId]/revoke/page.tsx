import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { readerTimeZone } from '@/app/reader';
import { Form, Submit } from '@/components/form/form';
import { Time } from '@/components/time';
import { ButtonLink } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { PageHeader } from '@/components/ui/page-header';
import { requireActor } from '@/lib/auth/current-actor';
import { listTokens, standingOf } from '@/lib/scim/tokens';
import { revokeTokenAction } from '../../../actions';
import { SCIM_PATH } from '../../../scim-path';

export const metadata: Metadata = { title: 'Revoke a token' };

export default async function RevokeTokenPage({ params }: { params: Promise<{ tokenId: string }> }) {
  const { tenantId } = await requireActor('tenant_admin');
  const { tokenId } = await params;
  const now = new Date();
  const tokens = await listTokens(tenantId);
  const token = tokens.find(({ id }) => id === tokenId);
  if (!token || standingOf(token, now) === 'revoked') notFound();
  const isOver = standingOf(token, now) !== 'live';
  const others = tokens.filter((each) => each !== token && standingOf(each, now) === 'live').length;
  const timeZone = await readerTimeZone();
  return (
    <>
      <PageHeader title={`Revoke the token “${token.name}”?`} back={{ href: SCIM_PATH, label: 'SCIM Provisioning' }} />
      <Card>
        <ul className="consequences">
          <li>Its next request is refused. The people it manages stay as they are.</li>
          <li>
            {token.lastUsedAt ? (
              <>
                It was last used <Time at={token.lastUsedAt} now={now} timeZone={timeZone} style="relative" />.
              </>
            ) : (
              'It was never used.'
            )}
          </li>
          <li>
            {isOver
              ? 'It has run out: nobody gets in by it any more, and its name is free again once it is revoked.'
              : others === 0
                ? 'It is the only live token: provisioning stops until you make another.'
                : `${others} other live ${others === 1 ? 'token remains' : 'tokens remain'}.`}
          </li>
        </ul>
        <Form action={revokeTokenAction}>
          <input type="hidden" name="tokenId" value={token.id} />
          <div className="form-actions">
            <Submit variant="danger">Revoke</Submit>
            <ButtonLink href={SCIM_PATH}>Cancel</ButtonLink>
          </div>
        </Form>
      </Card>
    </>
  );
}
