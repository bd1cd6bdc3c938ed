import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { postForm } from '@/app/api/saml/[tenant]/pages';
import { refusalPage } from '@/lib/auth/refusal-page';
import { answerHeaders } from '@/scripts/serve/answer-headers';

const MODE = { secure: false, dev: false };

async function answerOf(listener: RequestListener, mode = MODE, headers: Record<string, string> = {}) {
  const server = createServer((request, response) => {
    answerHeaders(request, response, mode);
    listener(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, { headers });
  server.close();
  return response.headers;
}

const send =
  (type: string, status = 200): RequestListener =>
  (_, response) => {
    response.statusCode = status;
    if (type) response.setHeader('content-type', type);
    response.end(status === 304 ? undefined : 'x');
  };
const document = send('text/html; charset=utf-8');
const policyOf = async (...given: Parameters<typeof answerOf>) =>
  String((await answerOf(...given)).get('content-security-policy'));
const nonceOf = (policy: string) => /script-src 'nonce-([\w+/=]+)' 'strict-dynamic';/.exec(policy)?.[1];

describe('a document', () => {
  test('runs only scripts with the nonce of its own answer', async () => {
    const policies = await Promise.all(Array.from({ length: 50 }, () => policyOf(document)));
    expect(new Set(policies.map(nonceOf)).size).toBe(50);
    expect(nonceOf(String(policies[0]))).toMatch(/^[\w+/]{22}==$/);
    for (const policy of policies) expect(policy).not.toContain('unsafe');
  });

  test('is framed by nobody, sends its forms home, and may use only what it uses', async () => {
    const headers = await answerOf(document);
    expect(headers.get('content-security-policy')?.replace(/'nonce-[^']+'/, 'NONCE')).toBe(
      "default-src 'none'; script-src NONCE 'strict-dynamic'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
        "connect-src 'self'; form-action 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    );
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
    expect(headers.get('permissions-policy')).toMatch(/camera=\(\).*publickey-credentials-get=\(self\)/);
  });

  test('tells the framework its nonce, which no client can choose', async () => {
    const seen: unknown[] = [];
    const policy = await policyOf(
      (request, response) => {
        seen.push(request.headers['content-security-policy'], request.headers['content-security-policy-report-only']);
        document(request, response);
      },
      MODE,
      {
        'content-security-policy': "script-src 'nonce-mine'",
        'content-security-policy-report-only': "script-src 'nonce-mine'",
      },
    );
    expect(seen).toEqual([policy, undefined]);
  });
});

test('over HTTPS browsers are told to stay there, for two years', async () => {
  const headers = await answerOf(document, { ...MODE, secure: true });
  expect(headers.get('strict-transport-security')).toBe('max-age=63072000; includeSubDomains');
  expect(headers.get('content-security-policy')).toContain('upgrade-insecure-requests');
  expect((await answerOf(document)).get('strict-transport-security')).toBeNull();
});

test('over HTTPS no cookie goes out that would travel without it', async () => {
  const setting: RequestListener = (request, response) => {
    response.setHeader('set-cookie', ['a=1; Path=/', 'b=2; Secure; HttpOnly', 'c=secure; path=/secure']);
    document(request, response);
  };
  const cookies = async (secure: boolean) => (await answerOf(setting, { ...MODE, secure })).getSetCookie();
  expect(await cookies(true)).toEqual([
    'a=1; Path=/; Secure',
    'b=2; Secure; HttpOnly',
    'c=secure; path=/secure; Secure',
  ]);
  expect((await cookies(false))[0]).toBe('a=1; Path=/');
});

test.each(['application/json', 'image/svg+xml', 'text/x-component', 'text/csv', ''])(
  'what is no document does nothing when it is opened as one: %s',
  async (type) => {
    const headers = await answerOf(send(type));
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';.*; sandbox;/);
    expect([headers.get('x-content-type-options'), headers.get('cache-control')]).toEqual(['nosniff', 'no-store']);
  },
);

test('an answer keeps what it says itself', async () => {
  const own: RequestListener = (request, response) => {
    response.setHeader('cache-control', 'public, max-age=31536000, immutable');
    response.setHeader('content-security-policy', "default-src 'none'");
    document(request, response);
  };
  const headers = await answerOf(own);
  expect([headers.get('cache-control'), headers.get('content-security-policy')]).toEqual([
    'public, max-age=31536000, immutable',
    "default-src 'none'",
  ]);
});

test('an answer that nothing has changed leaves the policy of the document as it was', async () => {
  const headers = await answerOf(send('', 304));
  expect([headers.get('content-security-policy'), headers.get('cache-control')]).toEqual([null, null]);
});

test('the plain pages name their style and script by hash, and go nowhere else', async () => {
  const refusal = refusalPage({ status: 404, title: 'No', text: 'No.' }).headers.get('content-security-policy');
  expect(refusal).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/]{43}='; img-src 'self'; form-action 'none'; /);
  const form = postForm('http://idp.example:8080/sso?x=1', { SAMLRequest: 'x' }).headers.get('content-security-policy');
  expect(form).toMatch(
    /^default-src 'none'; script-src 'sha256-[\w+/]{43}='; img-src 'self'; form-action http:\/\/idp.example:8080 https:; /,
  );
});
