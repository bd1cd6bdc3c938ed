import { beforeAll, expect, test } from 'vitest';
import { POST as exportAudit } from '@/app/administration/access/audit-log/export/route';
import { enableAction, metadataAction } from '@/app/administration/access/saml/actions';
import { POST as exportUsers } from '@/app/administration/access/users/export/route';
import { importAction } from '@/app/administration/access/users/import/actions';
import { inviteAction } from '@/app/administration/access/users/invite/actions';
import { GET as metadataOfTenant } from '@/app/api/saml/[tenant]/metadata/route';
import { editOwnNamesAction } from '@/app/profile/actions';
import { signOutAction } from '@/app/session-actions';
import { encodeSessionCookie, sessionCookieName } from '@/lib/auth/cookie';
import { cast, signedIn } from '../support/cast';
import { inNextRequest, requestTo } from '../support/next-request';

const USERS = '/administration/access/users';
let cookie: string;
beforeAll(async () => {
  const { acme } = await cast();
  cookie = `${sessionCookieName()}=${await encodeSessionCookie((await signedIn(acme.ada)).token)}`;
});

const called = async (answer: () => unknown) =>
  (await inNextRequest(`${USERS}/page`, requestTo(USERS, { cookie }), answer)).ending;
const CHECK = 'Check what you entered.';

test('an action that is called with no form is answered as an empty one', async () => {
  for (const given of [undefined, null, 'x', 7, {}, [], new Map()] as never[]) {
    for (const action of [inviteAction, editOwnNamesAction])
      expect(await called(() => action(given, given))).toMatchObject({ value: { status: 'refused', message: CHECK } });
    expect(await called(() => enableAction(given, given))).toMatchObject({ value: { status: 'refused' } });
    expect(await called(() => importAction(given, given))).toMatchObject({
      value: { status: 'refused', message: 'Paste addresses or choose a file.' },
    });
    expect(await called(() => metadataAction(given, given))).toMatchObject({
      value: { step: 'write', error: 'Paste the metadata or choose its file.' },
    });
  }
});

test('a sign-out that is called with no form signs out', async () => {
  const { acme } = await cast();
  const { token } = await signedIn(acme.sam);
  const own = `${sessionCookieName()}=${await encodeSessionCookie(token)}`;
  const { ending } = await inNextRequest('/page', requestTo('/', { cookie: own }), () => signOutAction(null as never));
  expect(ending).toEqual({ to: '/sign-in' });
});

test('a field that no page of ours sends is refused in our own words', async () => {
  const data = new FormData();
  data.append('firstName', new File(['x'], 'x.txt'));
  data.append('lastName', 'a');
  data.append('lastName', 'b');
  expect(await called(() => editOwnNamesAction({ status: 'idle' }, data))).toMatchObject({
    value: { status: 'refused', message: CHECK, fields: { firstName: CHECK, lastName: CHECK } },
  });
});

test('an export that is asked for by no form is refused, and exports nothing', async () => {
  for (const type of ['application/json', 'text/plain', 'multipart/form-data', '']) {
    for (const route of [exportUsers, exportAudit]) {
      const request = requestTo(USERS, { headers: { 'content-type': type }, body: '{"q":"a"}', cookie });
      const { ending } = await inNextRequest(`${USERS}/export/route`, request, route);
      expect([type, (ending as { value: Response }).value.status]).toEqual([type, 415]);
    }
  }
});

test('a tenant whose name holds a NUL is nobody', async () => {
  const slug = 'a\0b';
  const { ending } = await inNextRequest(
    '/api/saml/[tenant]/metadata/route',
    requestTo('/', { method: 'GET' }),
    (asked) => metadataOfTenant(asked, { params: Promise.resolve({ tenant: slug }) }),
  );
  expect((ending as { value: Response }).value.status).toBe(404);
});
