import { X509Certificate } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encrypt } from 'xml-encryption';
import { POST } from '@/app/api/saml/[tenant]/acs/route';
import { db } from '@/db/client';
import { rateLimits } from '@/db/schema/rate-limits';
import { samlArrivals } from '@/db/schema/saml';
import { sessions } from '@/db/schema/sessions';
import { users } from '@/db/schema/users';
import { hashToken } from '@/lib/crypto/tokens';
import { acsUrlOf, entityIdOf } from '@/lib/saml/addresses';
import { arrive } from '@/lib/saml/arrive';
import { bindingCookie } from '@/lib/saml/ask';
import type { Connection } from '@/lib/saml/connection';
import { keyPairs } from '@/lib/saml/keys';
import type { Reason } from '@/lib/saml/reasons';
import { newRequestId } from '@/lib/saml/request-id';
import type { Tenant } from '@/lib/tenants/find';
import { FROM_TEST, newTenant } from '../support/cast';
import { race } from '../support/race';
import { type Keys, newKeys } from '../support/rsa-keys';
import {
  assertionXml,
  bare,
  connect,
  handleIn,
  honest,
  idpKeys,
  lastExchange,
  newSamlId,
  post,
  postBody,
  questionOf,
  responseXml,
  type Said,
  SHA1,
  sign,
} from '../support/saml-idp';

/**
 * What attackers send to an assertion consumer service, made with real keys and sent to the real route. Each is refused with
 * its own reason in the recorder, and leaves nobody signed in, nobody made, and nothing parked.
 */
let tenant: Tenant;
let connection: Connection;
let stranger: Keys;

beforeAll(async () => {
  tenant = await newTenant('Attacked');
  connection = await connect(tenant, { jit: true });
  stranger = await newKeys();
});

// Each case stands for itself: what strangers send is noted only so often.
beforeEach(async () => {
  await db.delete(rateLimits);
});

const said = (more: Partial<Said> = {}): Said => ({ tenant, connection, ...more });
const minutes = (n: number) => new Date(Date.now() + n * 60_000);

async function nothingOfIt(): Promise<void> {
  expect(await db.select().from(samlArrivals).where(eq(samlArrivals.tenantId, tenant.id))).toEqual([]);
  expect(await db.select().from(sessions).where(eq(sessions.tenantId, tenant.id))).toEqual([]);
  expect(await db.select().from(users).where(eq(users.tenantId, tenant.id))).toEqual([]);
}

async function expectRefused(xml: string | Buffer, reason: Reason, status = 403): Promise<void> {
  const response = await post(tenant, xml);
  expect({ status: response.status, ...(await lastExchange(tenant)) }).toMatchObject({
    status,
    outcome: 'refused',
    reason,
  });
  expect(await response.text()).toContain('You are not signed in');
  await nothingOfIt();
}

test('an honest answer is taken: what is refused below is refused for its own reason', async () => {
  const response = await post(tenant, honest(said()).xml);
  expect(response.status).toBe(303);
  expect(await lastExchange(tenant)).toMatchObject({ outcome: 'waiting', reason: null });
  await db.delete(samlArrivals);
});

describe('signatures', () => {
  test('no signature at all', async () => {
    const id = questionOf(said());
    await expectRefused(responseXml(said(), id, assertionXml(said(), id)), 'unsigned');
  });

  test('only the assertion is signed', async () => {
    const id = questionOf(said());
    await expectRefused(responseXml(said(), id, sign(assertionXml(said(), id), 'Assertion')), 'unsigned');
  });

  test('only the response is signed, where Strict asks for both', async () => {
    const id = questionOf(said());
    await expectRefused(sign(responseXml(said(), id, assertionXml(said(), id)), 'Response'), 'assertion-unsigned');
  });

  test('signed by another key', () => expectRefused(honest(said(), stranger).xml, 'other-key'));

  test('signed by another key whose certificate is in the message', async () => {
    const { xml } = honest(said(), stranger);
    const info = `<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${bare(stranger)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></Signature>`;
    await expectRefused(xml.replaceAll('</Signature>', info), 'other-key');
  });

  test('the assertion signed by another key than the response', async () => {
    const id = questionOf(said());
    const assertion = sign(assertionXml(said(), id), 'Assertion', stranger);
    await expectRefused(sign(responseXml(said(), id, assertion), 'Response'), 'other-key');
  });

  test('a value changed after signing', () =>
    expectRefused(
      honest(said({ email: 'sam@a.example' })).xml.replaceAll('sam@a.example', 'ada@a.example'),
      'altered',
    ));

  test('the signature of another message', async () => {
    const [, signature = ''] = /<Signature[\s\S]*?<\/Signature>/.exec(honest(said()).xml) ?? [];
    const id = questionOf(said());
    const bare = responseXml(said(), id, sign(assertionXml(said(), id), 'Assertion'));
    await expectRefused(
      bare.replace(
        '<samlp:Status>',
        `${/<Signature[\s\S]*?<\/Signature>/.exec(honest(said()).xml)?.[0]}${signature}<samlp:Status>`,
      ),
      'signature-shape',
    );
  });

  test('SHA-1 signatures', async () => {
    const id = questionOf(said());
    await expectRefused(
      sign(responseXml(said(), id, sign(assertionXml(said(), id), 'Assertion')), 'Response', idpKeys, SHA1),
      'weak-algorithm',
    );
    expect((await lastExchange(tenant))?.report).toMatchObject({ facts: { algorithm: 'rsa-sha1' } });
  });

  test('SHA-1 digests under a SHA-256 signature', async () => {
    const id = questionOf(said());
    const xml = sign(responseXml(said(), id, sign(assertionXml(said(), id), 'Assertion')), 'Response', idpKeys, {
      digest: String(SHA1.digest),
    });
    await expectRefused(xml, 'weak-algorithm');
  });

  test.each(['http://www.w3.org/2001/04/xmldsig-more#rsa-md5', 'http://www.w3.org/2000/09/xmldsig#hmac-sha1', 'none'])(
    'signatures by %s',
    async (algorithm) => {
      const { xml } = honest(said());
      await expectRefused(
        xml.replaceAll('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', algorithm),
        'weak-algorithm',
      );
    },
  );

  test('MD5 digests', () =>
    expectRefused(
      honest(said()).xml.replaceAll(
        'http://www.w3.org/2001/04/xmlenc#sha256',
        'http://www.w3.org/2001/04/xmldsig-more#md5',
      ),
      'weak-algorithm',
    ));
});

describe('signature wrapping', () => {
  /** An honest response, taken apart, and the assertion an attacker would like to be. */
  const parts = () => {
    const { xml } = honest(said({ email: 'mallory@a.example' }));
    const [assertion = ''] = /<saml:Assertion[\s\S]*<\/saml:Assertion>/.exec(xml) ?? [];
    const [signature = ''] = /<Signature[\s\S]*?<\/Signature>/.exec(xml) ?? [];
    const [assertionSignature = ''] = /<Signature[\s\S]*?<\/Signature>/.exec(assertion) ?? [];
    const evil = assertionXml(said({ email: 'ada@a.example', assertionId: '_evil' }), questionOf(said()));
    return { xml, assertion, signature, assertionSignature, evil };
  };
  const within = (element: string, inner: string) => element.replace(/(<\/[\w:]+>)$/, `${inner}$1`);
  const renamed = (xml: string) => xml.replace(/(<samlp:Response[^>]* ID=")[^"]*/, '$1_outer');

  // Somorovsky and others, "On Breaking SAML: Be Whoever You Want to Be" (2012): the eight forms.
  const FORMS: Record<string, () => string> = {
    'XSW1: the signed response inside the signature of a forged one': () => {
      const { xml, signature, evil, assertion } = parts();
      return renamed(xml)
        .replace(assertion, evil)
        .replace(signature, within(signature, xml.replace(signature, '')));
    },
    'XSW2: the signed response beside the signature of a forged one': () => {
      const { xml, signature, evil, assertion } = parts();
      return renamed(xml)
        .replace(assertion, evil)
        .replace(signature, `${xml.replace(signature, '')}${signature}`);
    },
    'XSW3: a forged assertion before the signed one': () => {
      const { xml, assertion, evil } = parts();
      return xml.replace(assertion, `${evil}${assertion}`);
    },
    'XSW4: the signed assertion inside a forged one': () => {
      const { xml, assertion, evil } = parts();
      return xml.replace(assertion, within(evil, assertion));
    },
    'XSW5: the signed assertion behind a forged one that holds its signature': () => {
      const { xml, assertion, assertionSignature, evil } = parts();
      const forged = evil.replace('<saml:Subject>', `${assertionSignature}<saml:Subject>`);
      return xml.replace(assertion, `${forged}${assertion.replace(assertionSignature, '')}`);
    },
    'XSW6: the signed assertion inside its signature inside a forged one': () => {
      const { xml, assertion, assertionSignature, evil } = parts();
      const holding = within(assertionSignature, assertion.replace(assertionSignature, ''));
      return xml.replace(assertion, evil.replace('<saml:Subject>', `${holding}<saml:Subject>`));
    },
    'XSW7: a forged assertion in extensions': () => {
      const { xml, evil } = parts();
      return xml.replace('<samlp:Status>', `<samlp:Extensions>${evil}</samlp:Extensions><samlp:Status>`);
    },
    'XSW8: the signed assertion in an object of its signature inside a forged one': () => {
      const { xml, assertion, assertionSignature, evil } = parts();
      const object = `<ds:Object xmlns:ds="http://www.w3.org/2000/09/xmldsig#">${assertion.replace(assertionSignature, '')}</ds:Object>`;
      return xml.replace(
        assertion,
        evil.replace('<saml:Subject>', `${within(assertionSignature, object)}<saml:Subject>`),
      );
    },
  };

  test.each(Object.entries(FORMS))('%s', (_, forge) => expectRefused(forge(), 'several-assertions'));

  test('the only assertion out of its place', async () => {
    const { xml, assertion } = parts();
    const moved = xml.replace(assertion, `<samlp:Extensions>${assertion}</samlp:Extensions>`);
    await expectRefused(moved, 'several-assertions');
  });

  test('an assertion of another namespace beside the signed one', async () => {
    const { xml } = parts();
    await expectRefused(
      xml.replace('<samlp:Status>', '<x:Assertion xmlns:x="urn:x"/><samlp:Status>'),
      'several-assertions',
    );
  });

  test('two elements of one id', async () => {
    const { xml } = parts();
    const [, id] = /<samlp:Response[^>]* ID="([^"]*)"/.exec(xml) ?? [];
    await expectRefused(xml.replace('<samlp:StatusCode', `<samlp:StatusCode Id="${id}"`), 'signature-shape');
  });

  test('a signature with two references', async () => {
    const { xml } = parts();
    const [reference = ''] = /<Reference[\s\S]*?<\/Reference>/.exec(xml) ?? [];
    await expectRefused(xml.replace(reference, reference + reference), 'signature-shape');
  });

  test('a transform that leaves things out', async () => {
    const { xml } = parts();
    const xpath = '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"/></Transforms>';
    await expectRefused(xml.replace('</Transforms>', xpath), 'signature-shape');
  });
});

describe('what the parser must not meet', () => {
  test('a comment inside a value, by which it could be cut short', async () => {
    const { xml } = honest(said({ email: 'ada@a.example.evil.example' }));
    await expectRefused(
      xml.replaceAll('ada@a.example.evil.example', 'ada@a.example<!-- -->.evil.example'),
      'comment',
      400,
    );
  });

  test('a comment that is signed along with the value', async () => {
    const id = questionOf(said());
    const assertion = sign(assertionXml(said({ nameId: 'ada@a.example<!-- -->.evil.example' }), id), 'Assertion');
    await expectRefused(sign(responseXml(said(), id, assertion), 'Response'), 'comment', 400);
  });

  test.each([
    ['CDATA', (xml: string) => xml.replace('<saml:Subject>', '<![CDATA[x]]><saml:Subject>'), 'comment'],
    ['a processing instruction', (xml: string) => xml.replace('<saml:Subject>', '<?x y?><saml:Subject>'), 'comment'],
    ['a document type', (xml: string) => `<!DOCTYPE x>${xml}`, 'doctype'],
    ['entities that grow', (xml: string) => `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>${xml}`, 'doctype'],
    ['an entity of a file', (xml: string) => `<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>${xml}`, 'doctype'],
    ['an entity without a declaration', (xml: string) => xml.replace('New<', 'New&evil;<'), 'entity'],
    ['the character NUL', (xml: string) => xml.replace('New<', 'New&#0;<'), 'entity'],
    ['a NUL byte', (xml: string) => xml.replace('New<', 'New\0<'), 'control-character'],
    ['tags that do not close', (xml: string) => xml.replace('</samlp:Response>', ''), 'malformed'],
    ['a second root', (xml: string) => `${xml}<a/>`, 'malformed'],
    ['no XML', () => 'hello', 'malformed'],
    ['another document', () => '<html xmlns="http://www.w3.org/1999/xhtml"/>', 'not-a-response'],
  ] as [string, (xml: string) => string, Reason][])('%s', (_, change, reason) =>
    expectRefused(change(honest(said()).xml), reason, 400),
  );

  test('bytes that are no UTF-8', () => expectRefused(Buffer.from([0x3c, 0x61, 0xff, 0xfe, 0x3e]), 'not-text', 400));

  test('no base64, and nothing at all', async () => {
    for (const body of ['SAMLResponse=%2A%2A%2A', 'RelayState=x', '']) {
      expect((await postBody(tenant, body)).status).toBe(400);
      expect(await lastExchange(tenant)).toMatchObject({ reason: 'not-base64' });
    }
    await nothingOfIt();
  });

  test('another kind of body', async () => {
    expect((await postBody(tenant, '{}', 'application/json')).status).toBe(400);
  });

  test('more than is read', async () => {
    expect((await postBody(tenant, `SAMLResponse=${'A'.repeat(1_200_000)}`)).status).toBe(413);
    await expectRefused(`<a>${'x'.repeat(270_000)}</a>`, 'too-large', 413);
  });

  test('a body is not read further than it may be long, whatever it says of its length', async () => {
    const pulledOf = async (headers: Record<string, string>) => {
      let pulled = 0;
      const body = new ReadableStream({
        pull(stream) {
          if (++pulled > 500) return stream.close();
          stream.enqueue(new Uint8Array(65_536).fill(65));
        },
      });
      const type = { 'content-type': 'application/x-www-form-urlencoded' };
      const init = { method: 'POST', body, headers: { ...type, ...headers }, duplex: 'half' } as RequestInit;
      const request = new Request(acsUrlOf(tenant.slug), init);
      expect((await POST(request, { params: Promise.resolve({ tenant: tenant.slug }) })).status).toBe(413);
      return pulled;
    };
    expect(await pulledOf({})).toBeLessThan(30);
    expect(await pulledOf({ 'content-length': '32768000' })).toBeLessThan(5);
  });

  test('tags whose number makes work grow by its square', async () => {
    for (const inner of ['<a>'.repeat(40_000), '<a/>'.repeat(40_000)]) {
      const began = process.cpuUsage().user;
      await expectRefused(inner, 'too-many-tags', 413);
      expect((process.cpuUsage().user - began) / 1000).toBeLessThan(500);
    }
  });

  test('as many tags as are let through, without a real signature, cost little', async () => {
    const { xml } = honest(said(), stranger);
    const full = xml.replace(
      '<samlp:Status>',
      `<samlp:Extensions>${'<a b="1" c="2"/>'.repeat(1900)}</samlp:Extensions><samlp:Status>`,
    );
    const began = process.cpuUsage().user;
    await expectRefused(full, 'other-key');
    expect((process.cpuUsage().user - began) / 1000).toBeLessThan(1000);
  });

  test('a thousand groups are no attack', async () => {
    const groups = Array.from(
      { length: 1000 },
      (_, i) => `CN=Group ${i},OU=Groups,OU=Somewhere,DC=attacked,DC=example`,
    );
    const { xml } = honest(said({ attributes: { email: 'many@a.example', firstName: 'M', lastName: 'M', groups } }));
    expect((await post(tenant, xml)).status).toBe(303);
    await db.delete(samlArrivals);
  });
});

describe('whom, for whom and when', () => {
  const CASES: [string, Partial<Said>, Reason][] = [
    ['another issuer', { issuer: 'https://evil.example' }, 'issuer'],
    ['another issuer of the response alone', { responseIssuer: 'https://evil.example' }, 'issuer'],
    ['another audience', { audience: 'https://other.example/metadata' }, 'audience'],
    ['no audience', { audience: null }, 'audience'],
    ['another recipient', { recipient: 'https://other.example/acs' }, 'recipient'],
    ['another destination', { destination: 'https://other.example/acs' }, 'destination'],
    ['no destination', { destination: null }, 'destination'],
    [
      'over',
      { notBefore: minutes(-20), notOnOrAfter: minutes(-10), confirmedUntil: minutes(5), issueInstant: minutes(-20) },
      'expired',
    ],
    ['confirmed until a time that is over', { confirmedUntil: minutes(-10) }, 'expired'],
    ['not valid yet', { notBefore: minutes(10), notOnOrAfter: minutes(15) }, 'not-yet-valid'],
    ['issued in the future', { issueInstant: minutes(10) }, 'not-yet-valid'],
    ['too long valid', { notOnOrAfter: minutes(600), confirmedUntil: minutes(5) }, 'too-long-valid'],
    ['too long confirmed', { confirmedUntil: minutes(600) }, 'too-long-valid'],
    ['issued long ago', { issueInstant: minutes(-180) }, 'expired'],
    ['of a session that is over', { sessionNotOnOrAfter: minutes(-10) }, 'session-over'],
    ['nobody asked', { inResponseTo: null }, 'unasked-for'],
    ['in answer to an unknown question', { inResponseTo: '_unknown' }, 'unknown-request'],
    ['the confirmation answers another question', { confirmedInResponseTo: '_other' }, 'unknown-request'],
    ['not by the bearer', { method: 'urn:oasis:names:tc:SAML:2.0:cm:sender-vouches' }, 'confirmation'],
    ['not of version 2.0', { version: '1.1' }, 'version'],
    ['without a sign-in statement', { withoutAuthnStatement: true }, 'no-authn-statement'],
    ['without conditions', { withoutConditions: true }, 'no-conditions'],
    ['with a condition that nobody knows', { condition: '<x:Only xmlns:x="urn:x"/>' }, 'unknown-condition'],
    ['refused by the provider', { status: 'urn:oasis:names:tc:SAML:2.0:status:Responder' }, 'status'],
    ['without a NameID', { nameId: ' ' }, 'no-name-id'],
    [
      'with a NameID of one sign-in',
      { nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient' },
      'transient-name-id',
    ],
    ['without an e-mail address', { attributes: { firstName: 'A', lastName: 'B' } }, 'attribute-missing'],
    ['with what is no e-mail address', { attributes: { email: 'ada', firstName: 'A', lastName: 'B' } }, 'bad-email'],
    ['an older sign-in where a new one was asked for', { kind: 'again', authnInstant: minutes(-30) }, 'not-fresh'],
  ];
  test.each(CASES)('%s', (_, more, reason) => expectRefused(honest(said(more)).xml, reason));

  test('in answer to a question of more than ten minutes ago', () =>
    expectRefused(
      honest(said({ inResponseTo: newRequestId('sign-in', connection.id, minutes(-11)) })).xml,
      'request-old',
    ));

  test('in answer to a question of another connection, with the same provider', async () => {
    const other = await newTenant('Other');
    const { id } = await connect(other);
    await expectRefused(honest(said({ inResponseTo: newRequestId('sign-in', id, new Date()) })).xml, 'unknown-request');
  });

  test('for another tenant, with the same provider', async () => {
    const other = await newTenant('Other');
    const theirs = await connect(other);
    await expectRefused(honest({ tenant: other, connection: theirs }).xml, 'destination');
    const addressed = honest({
      tenant: other,
      connection: theirs,
      destination: acsUrlOf(tenant.slug),
      recipient: acsUrlOf(tenant.slug),
      inResponseTo: String(questionOf(said())),
    });
    await expectRefused(addressed.xml, 'audience');
    expect((await lastExchange(tenant))?.report).toMatchObject({ facts: { audience: entityIdOf(other.slug) } });
  });

  test('says by which names the provider sends what is missing', async () => {
    await expectRefused(
      honest(said({ attributes: { 'Mail Address': 'a@b.example', firstName: 'A', lastName: 'B' } })).xml,
      'attribute-missing',
    );
    expect((await lastExchange(tenant))?.report).toMatchObject({ facts: { field: 'e-mail', likely: 'Mail Address' } });
  });
});

describe('once', () => {
  const clear = () => db.delete(samlArrivals);

  test('an assertion that was seen before', async () => {
    const { xml } = honest(said());
    expect((await post(tenant, xml)).status).toBe(303);
    await clear();
    await expectRefused(xml, 'replayed');
  });

  test('at the same moment on several connections, one is taken', async () => {
    const { xml } = honest(said());
    const responses = await race(Array.from({ length: 6 }, () => () => post(tenant, xml)));
    expect(responses.map(({ status }) => status).sort()).toEqual([303, 403, 403, 403, 403, 403]);
    await clear();
  });

  test('a question that was answered, by another assertion', async () => {
    const { xml, requestId } = honest(said());
    await post(tenant, xml);
    await clear();
    await expectRefused(honest(said({ inResponseTo: requestId })).xml, 'request-answered');
  });

  test('a parked answer, by two posts at the same moment', async () => {
    const { xml, requestId } = honest(said({ email: `once@${tenant.slug}.example` }));
    const handle = handleIn(await post(tenant, xml));
    const { name, value } = bindingCookie(String(requestId), '/');
    const cookies = { get: (asked: string) => (asked === name ? { value } : undefined) };
    const outcomes = await race([1, 2, 3].map(() => () => arrive(handle, cookies, FROM_TEST, null)));
    expect(outcomes.filter(({ value }) => 'session' in value)).toHaveLength(1);
    await db.delete(users).where(eq(users.tenantId, tenant.id));
  });
});

describe('which browser', () => {
  const cookiesOf = (requestId: string) => {
    const { name, value } = bindingCookie(requestId, '/profile');
    return { get: (asked: string) => (asked === name ? { value } : undefined) };
  };

  test('an answer brought to another browser than the one that asked', async () => {
    const { xml, requestId } = honest(said());
    const handle = handleIn(await post(tenant, xml));
    for (const cookies of [
      { get: () => undefined },
      cookiesOf(String(questionOf(said()))),
      { get: () => ({ value: 'x~/' }) },
    ]) {
      expect(await arrive(handle, cookies, FROM_TEST, null)).toMatchObject({ value: { refused: 'other-browser' } });
      expect(await lastExchange(tenant)).toMatchObject({ outcome: 'refused', reason: 'other-browser' });
    }
    expect(await db.select().from(sessions).where(eq(sessions.tenantId, tenant.id))).toEqual([]);
    expect(await arrive(handle, cookiesOf(String(requestId)), FROM_TEST, null)).toMatchObject({
      value: { next: '/profile' },
    });
    await db.delete(users).where(eq(users.tenantId, tenant.id));
  });

  test('one that nobody asked for is bound to the browser that brought it', async () => {
    const open = await newTenant('Open');
    const theirs = await connect(open, { jit: true, idpInitiated: true });
    const response = await post(open, honest({ tenant: open, connection: theirs, inResponseTo: null }).xml, '/profile');
    const cookie = response.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^rollcall-saml-.*HttpOnly; SameSite=lax/i);
    expect(await arrive(handleIn(response), { get: () => undefined }, FROM_TEST, null)).toMatchObject({
      value: { refused: 'other-browser' },
    });
    const [name = '', value = ''] = cookie.split(';')[0]?.split(/=(.*)/s) ?? [];
    const cookies = { get: (asked: string) => (asked === name ? { value: decodeURIComponent(value) } : undefined) };
    expect(await arrive(handleIn(response), cookies, FROM_TEST, null)).toMatchObject({ value: { next: '/profile' } });
  });

  test('the handle is kept as a hash', async () => {
    const handle = handleIn(await post(tenant, honest(said()).xml));
    const [row] = await db.select().from(samlArrivals);
    expect(row?.handleHash).toBe(hashToken(handle));
    await db.delete(samlArrivals);
  });
});

describe('encryption', () => {
  const encrypted = async (pem: string, more: { cipher?: string; transport?: string } = {}) => {
    const id = questionOf(said());
    const assertion = sign(assertionXml(said(), id), 'Assertion');
    const publicKey = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'pem' });
    const inner = await new Promise<string>((resolve, reject) =>
      encrypt(
        assertion,
        {
          rsa_pub: publicKey.toString(),
          pem,
          encryptionAlgorithm: more.cipher ?? 'http://www.w3.org/2009/xmlenc11#aes256-gcm',
          keyEncryptionAlgorithm: more.transport ?? 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
          warnInsecureAlgorithm: false,
        } as never,
        (error, result) => (error ? reject(error) : resolve(String(result))),
      ),
    );
    const wrapped = `<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${inner}</saml:EncryptedAssertion>`;
    return sign(responseXml(said(), id, wrapped), 'Response');
  };

  test('for our key it is opened, and signed inside', async () => {
    const [{ certificate }] = await keyPairs();
    expect((await post(tenant, await encrypted(certificate))).status).toBe(303);
    expect(await lastExchange(tenant)).toMatchObject({ outcome: 'waiting', report: { encrypted: true } });
    await db.delete(samlArrivals);
  });

  test('for another key', async () => expectRefused(await encrypted(stranger.certificate), 'not-decryptable'));

  test('by a cipher or a key transport that is not good enough', async () => {
    const [{ certificate }] = await keyPairs();
    await expectRefused(
      await encrypted(certificate, { cipher: 'http://www.w3.org/2001/04/xmlenc#tripledes-cbc' }),
      'weak-encryption',
    );
    await expectRefused(
      await encrypted(certificate, { transport: 'http://www.w3.org/2001/04/xmlenc#rsa-1_5' }),
      'weak-encryption',
    );
  });
});

test('a flood of nonsense does not push the provider’s own messages out of the recorder', async () => {
  const flooded = await newTenant('Flooded');
  const theirs = await connect(flooded);
  await post(flooded, honest({ tenant: flooded, connection: theirs, audience: 'x' }).xml);
  for (let i = 0; i < 60; i++) await post(flooded, `<a n="${i}"/>`);
  const { listExchanges } = await import('@/lib/saml/recorder');
  const kept = await listExchanges(flooded.id);
  expect(kept.length).toBeLessThan(60);
  expect(kept.map(({ reason }) => reason)).toContain('audience');
});

test('the recorder keeps nothing that could be used again, nor what is not read', async () => {
  await post(
    tenant,
    honest(
      said({ audience: 'x', attributes: { email: 'a@b.example', firstName: 'A', lastName: 'B', salary: '123456' } }),
    ).xml,
  );
  const { xml, report } = (await lastExchange(tenant)) ?? {};
  expect(JSON.stringify(report)).not.toContain('123456');
  expect(xml).toContain('a@b.example');
  expect(xml).toContain('Name="salary"');
  expect(xml).not.toContain('123456');
  expect(/<SignatureValue>(.*?)<\/SignatureValue>/.exec(xml ?? '')?.[1]).toBe('…');
  expect(newSamlId()).not.toBe(newSamlId());
});
