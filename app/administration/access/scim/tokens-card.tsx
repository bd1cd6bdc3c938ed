import { confirmPath } from '@/app/own-path';
import { Time } from '@/components/time';
import { Badge } from '@/components/ui/badge';
import { ButtonLink } from '@/components/ui/button';
import { Card, CardHeader } from '@/components/ui/card';
import { DataTable } from '@/components/ui/data-table';
import type { ScimToken } from '@/db/schema/scim-tokens';
import { standingOf } from '@/lib/scim/tokens';
import { createTokenAction } from './actions';
import { NewTokenForm } from './new-token-form';
import { SCIM_PATH } from './scim-path';

type Props = { tokens: ScimToken[]; isProven: boolean; now: Date; timeZone: string };

const STANDING = {
  live: { tone: 'ok', words: 'Live' },
  expired: { tone: 'warn', words: 'Expired' },
  revoked: { tone: 'neutral', words: 'Revoked' },
} as const;

export function TokensCard({ tokens, isProven, now, timeZone }: Props) {
  return (
    <Card>
      <CardHeader
        title="Tokens"
        description="Several may be live at once: make a new one, move your identity provider to it, then revoke the old one."
      />
      {tokens.length > 0 && (
        <DataTable label="Tokens">
          <thead>
            <tr>
              {['Name', 'Standing', 'Token', 'Made', 'Expires', 'Last used'].map((label) => (
                <th key={label} scope="col">
                  {label}
                </th>
              ))}
              <th scope="col">
                <span className="sr-only">Revoke</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {tokens.map((token) => (
              <Row key={token.id} token={token} now={now} timeZone={timeZone} />
            ))}
          </tbody>
        </DataTable>
      )}
      {isProven ? (
        <NewTokenForm action={createTokenAction} />
      ) : (
        <div className="form-actions">
          <ButtonLink href={confirmPath(SCIM_PATH)}>Make a token</ButtonLink>
        </div>
      )}
    </Card>
  );
}

function Row({ token, now, timeZone }: { token: ScimToken; now: Date; timeZone: string }) {
  const standing = standingOf(token, now);
  return (
    <tr>
      <td title={token.name}>{token.name}</td>
      <td data-label="Standing">
        <Badge tone={STANDING[standing].tone}>{STANDING[standing].words}</Badge>
      </td>
      <td data-label="Token">
        <code>{token.hint}</code>
      </td>
      <td data-label="Made" title={`by ${token.createdBy}`}>
        <Time at={token.createdAt} now={now} timeZone={timeZone} style="date" />
      </td>
      <td data-label="Expires">
        {token.expiresAt ? <Time at={token.expiresAt} now={now} timeZone={timeZone} style="date" /> : 'Never'}
      </td>
      <td data-label="Last used">
        {token.lastUsedAt ? <Time at={token.lastUsedAt} now={now} timeZone={timeZone} style="relative" /> : 'Never'}
      </td>
      <td>
        {standing === 'revoked' ? null : (
          <ButtonLink
            href={`${SCIM_PATH}/tokens/${token.id}/revoke`}
            size="small"
            variant="danger"
            aria-label={`Revoke ${token.name}`}
          >
            Revoke
          </ButtonLink>
        )}
      </td>
    </tr>
  );
}
