import { eq } from 'drizzle-orm';
import { beforeEach, expect, test } from 'vitest';
import { POST } from '@/app/api/saml/[tenant]/logout/route';
import { db } from '@/db/client';
import { rateLimits } from '@/db/schema/rate-limits';
import { sessions } from '@/db/schema/sessions';
import { entityIdOf, logoutUrlOf } from '@/lib/saml/addresses';
import { arrive } from '@/lib/saml/arrive';
import { bindingCookie } from '@/lib/saml/ask';
import type { Connection } from '@/lib/saml/connection';
import { ensureKeyPair, keyPairs } from '@/lib/saml/keys';
import { MESSAGE_LIMITS, readXml } from '@/lib/saml/read-xml';
import { signingKey } from '@/lib/saml/verify';
import type { Tenant } from '@/lib/tenants/find';
import { cast, FROM_TEST } from '../../support/cast';
import { type Keys, newKeys } from '../../support/rsa-keys';
import { connect, handleIn, honest, IDP, idpKeys, lastExchange, newSamlId, post, sign } from '../../support/saml-idp';
import { trailOf } from '../../support/trail';

beforeEach(async () => {
  await db.delete(rateLimits);
});

type Asked = {
  nameId: string;
  index?: string;
  issuer?: string;
  destination?: string;
  at?: Date;
  keys?: Keys;
  unsigned?: true;
};

function request(
  tenant: Tenant,
  {
    nameId,
    index,
    issuer = IDP,
    destination = logoutUrlOf(tenant.slug),
    at = new Date(),
    keys = idpKeys,
    unsigned,
  }: Asked,
) {
  const xml = `<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="${newSamlId()}" Version="2.0" IssueInstant="${at.toISOString()}" Destination="${destination}"><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${issuer}</saml:Issuer><saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${nameId}</saml:NameID>${index ? `<samlp:SessionIndex>${index}</samlp:SessionIndex>` : ''}</samlp:LogoutRequest>`;
  return unsigned ? xml : sign(xml, 'LogoutRequest', keys);
}

const send = (tenant: Tenant, xml: string) =>
  POST(
    new Request(logoutUrlOf(tenant.slug), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-forwarded-for': '198.51.100.9' },
      body: new URLSearchParams({ SAMLRequest: Buffer.from(xml).toString('base64'), RelayState: 'back' }).toString(),
    }),
    { params: Promise.resolve({ tenant: tenant.slug }) },
  );

async function signInTwice() {
  await ensureKeyPair();
  const { acme, globex } = await cast();
  const connection = await connect(acme.tenant);
  for (const sessionIndex of ['one', 'two']) await enterBy(acme.tenant, connection, acme.sam.email, sessionIndex);
  return { acme, globex, connection };
}

async function enterBy(tenant: Tenant, connection: Connection, email: string, sessionIndex: string) {
  const { xml, requestId } = honest({ tenant, connection, email, sessionIndex });
  const { name, value } = bindingCookie(String(requestId), '/');
  await arrive(
    handleIn(await post(tenant, xml)),
    { get: (asked) => (asked === name ? { value } : undefined) },
    FROM_TEST,
    null,
  );
}

const ended = async (userId: string) =>
  (await db.select().from(sessions).where(eq(sessions.userId, userId)).orderBy(sessions.createdAt)).map(
    ({ endReason }) => endReason,
  );

test('a sign-out ends the session of its index, and all of the NameID without one; the answer is signed', async () => {
  const { acme } = await signInTwice();
  expect((await send(acme.tenant, request(acme.tenant, { nameId: acme.sam.email, index: 'one' }))).status).toBe(200);
  expect(await ended(acme.sam.id)).toEqual(['idp-sign-out', null]);
  const response = await send(acme.tenant, request(acme.tenant, { nameId: acme.sam.email.toUpperCase() }));
  expect(await ended(acme.sam.id)).toEqual(['idp-sign-out', 'idp-sign-out']);
  expect((await trailOf(acme.sam))[0]).toMatchObject({ action: 'saml.signed-out', details: { sessionsEnded: 1 } });

  const html = await response.text();
  expect(html).toContain('action="https://idp.example/slo"');
  expect(html).toContain('name="RelayState" value="back"');
  const reply = readXml(
    Buffer.from(/name="SAMLResponse" value="([^"]*)"/.exec(html)?.[1] ?? '', 'base64'),
    MESSAGE_LIMITS,
  );
  if (typeof reply === 'string') throw new Error(reply);
  expect(reply.documentElement.textContent).toContain(entityIdOf(acme.tenant.slug));
  const [{ certificate }] = await keyPairs();
  expect(signingKey(reply.documentElement, [certificate])).toBeTruthy();
});

test('a sign-out that is not the provider’s, not for us, not new or not signed ends nothing', async () => {
  const { acme } = await signInTwice();
  const nameId = acme.sam.email;
  const cases: [Asked, string][] = [
    [{ nameId, unsigned: true }, 'sign-out-unsigned'],
    [{ nameId, keys: await newKeys() }, 'sign-out-unsigned'],
    [{ nameId, issuer: 'https://evil.example' }, 'issuer'],
    [{ nameId, destination: 'https://other.example/logout' }, 'destination'],
    [{ nameId, at: new Date(Date.now() - 20 * 60_000) }, 'expired'],
  ];
  for (const [asked, reason] of cases) {
    expect((await send(acme.tenant, request(acme.tenant, asked))).status).toBe(403);
    expect(await lastExchange(acme.tenant)).toMatchObject({ kind: 'sign-out', outcome: 'refused', reason });
  }
  const changed = request(acme.tenant, { nameId: 'nobody@x.example' }).replace('nobody@x.example', nameId);
  expect((await send(acme.tenant, changed)).status).toBe(403);
  expect(await ended(acme.sam.id)).toEqual([null, null]);
});

test('a sign-out takes an answer with it that still waits for its person', async () => {
  const { acme, connection } = await signInTwice();
  const { xml, requestId } = honest({ tenant: acme.tenant, connection, email: acme.sam.email });
  const handle = handleIn(await post(acme.tenant, xml));
  await send(acme.tenant, request(acme.tenant, { nameId: acme.sam.email.toUpperCase() }));
  const { name, value } = bindingCookie(String(requestId), '/');
  const cookies = { get: (asked: string) => (asked === name ? { value } : undefined) };
  expect((await arrive(handle, cookies, FROM_TEST, null)).value).toMatchObject({ refused: 'arrival-old' });
});

test('the same sign-out is obeyed once', async () => {
  const { acme, connection } = await signInTwice();
  const xml = request(acme.tenant, { nameId: acme.sam.email });
  expect((await send(acme.tenant, xml)).status).toBe(200);
  await enterBy(acme.tenant, connection, acme.sam.email, 'three');
  expect((await send(acme.tenant, xml)).status).toBe(403);
  expect(await ended(acme.sam.id)).toEqual(['idp-sign-out', 'idp-sign-out', null]);
});

test('a sign-out of one tenant ends nothing in another, with the same provider and the same NameID', async () => {
  const { acme, globex } = await signInTwice();
  await connect(globex.tenant);
  await send(globex.tenant, request(globex.tenant, { nameId: acme.sam.email }));
  expect(await ended(acme.sam.id)).toEqual([null, null]);
});
