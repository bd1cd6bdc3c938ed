import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { expect, test, vi } from 'vitest';
import type { UserActor } from '@/lib/actor';
import { encodeSessionCookie } from '@/lib/auth/cookie';
import { invite } from '@/lib/invitations/invite';
import { deliverDue } from '@/lib/mail/deliver';
import { type Limit, take } from '@/lib/rate-limit';
import { newRequestId } from '@/lib/saml/request-id';
import { findSession } from '@/lib/sessions/find';
import { actorOf, cast, signedIn } from '../support/cast';
import { smtpSink } from '../support/smtp-sink';

vi.setConfig({ testTimeout: 60_000 });

export type Asked = {
  cookie: string;
  admin: UserActor;
  toEnd: string;
  limit: Limit;
  subject: string;
  requestId: string;
  connectionId: string;
};

async function otherProcess(asked: Asked, env: Record<string, string>) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'tests/support/other-process.ts'], {
    env: { ...process.env, ...env, ASKED: JSON.stringify(asked) },
  });
  const [said, failed] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect(failed).toBe('');
  return JSON.parse(said);
}

test('what one process has done, another knows: sessions, limits, questions to a provider, mail', async () => {
  const { acme } = await cast();
  const admin = await actorOf(acme.ada);
  const sink = await smtpSink();
  const limit = { name: 'two-processes', tries: 3, windowSeconds: 60 };
  const sam = await signedIn(acme.sam);
  for (let tries = 0; tries < limit.tries; tries++) expect(await take(limit, 'sam')).toBe(0);
  for (const name of ['one', 'two', 'three'])
    await invite(admin, { email: `${name}@acme.example`, firstName: '', lastName: '', role: 'standard_user' });

  const found = await otherProcess(
    {
      cookie: await encodeSessionCookie(sam.token),
      admin,
      toEnd: acme.sam.id,
      limit,
      subject: 'sam',
      requestId: newRequestId('sign-in', 'a-connection', new Date()),
      connectionId: 'a-connection',
    },
    { SMTP_URL: sink.url },
  );

  expect(found).toMatchObject({ userId: acme.sam.id, overTheLimit: 1, request: { kind: 'sign-in' } });
  // The invitation that the cast begins with is mailed too.
  expect(found.mails).toBeGreaterThanOrEqual(3);
  expect(sink.taken).toHaveLength(found.mails);
  expect(await deliverDue()).toBe(0);
  expect(await findSession(sam.token)).toBeNull();
  await sink.stop();
});
