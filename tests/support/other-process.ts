import { disconnect } from '@/db/client';
import { decodeSessionCookie } from '@/lib/auth/cookie';
import { deliverDue } from '@/lib/mail/deliver';
import { take } from '@/lib/rate-limit';
import { readRequestId } from '@/lib/saml/request-id';
import { findSession } from '@/lib/sessions/find';
import { forceSignOut } from '@/lib/users/sign-out';
import type { Asked } from '../lib/two-processes.test';

/** Another process of the product, for `two-processes.test.ts`: does what it is asked, and says what it found. */
const asked: Asked = JSON.parse(process.env.ASKED ?? '{}');
const token = await decodeSessionCookie(asked.cookie);
const session = token ? await findSession(token) : null;
await forceSignOut(asked.admin, { userId: asked.toEnd });
const found = {
  userId: session?.userId,
  overTheLimit: await take(asked.limit, asked.subject),
  request: readRequestId(asked.requestId, asked.connectionId, new Date()),
  mails: await deliverDue(),
};
await disconnect();
console.log(JSON.stringify(found));
