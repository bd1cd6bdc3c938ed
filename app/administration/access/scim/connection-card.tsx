import { CopyField } from '@/components/copy-field';
import { Form, Submit } from '@/components/form/form';
import { Time } from '@/components/time';
import { Card, CardHeader, DefinitionList } from '@/components/ui/card';
import { env } from '@/lib/env';
import type { statusOf } from '@/lib/scim/connection';
import { BASE } from '@/lib/scim/user-resource';
import { pauseAction } from './actions';

type Props = { status: Awaited<ReturnType<typeof statusOf>>; now: Date; timeZone: string };

export function ConnectionCard({ status, now, timeZone }: Props) {
  const { pausedAt, lastExchange, people, groups, errors } = status;
  return (
    <Card>
      <CardHeader
        title="Connection"
        description={
          pausedAt
            ? 'Paused: every request is answered “503, try again later”, and nothing is changed.'
            : 'Requests with a valid token are carried out at once.'
        }
        actions={
          <Form action={pauseAction}>
            <input type="hidden" name="paused" value={pausedAt ? 'no' : 'yes'} />
            <Submit variant={pausedAt ? 'primary' : 'secondary'}>{pausedAt ? 'Resume' : 'Pause'}</Submit>
          </Form>
        }
      />
      <CopyField label="Endpoint (base address)" value={`${env().APP_URL}${BASE}`} />
      <DefinitionList
        items={[
          {
            term: 'Last exchange',
            value: lastExchange ? (
              <>
                <Time at={lastExchange.at} now={now} timeZone={timeZone} style="relative" /> by {lastExchange.tokenName}
                : {lastExchange.meaning}
              </>
            ) : (
              'None yet'
            ),
          },
          { term: 'People managed', value: people },
          { term: 'Groups', value: groups },
          { term: 'Refused, last 24 h', value: errors },
          ...(pausedAt
            ? [{ term: 'Paused', value: <Time at={pausedAt} now={now} timeZone={timeZone} style="datetime" /> }]
            : []),
        ]}
      />
    </Card>
  );
}
