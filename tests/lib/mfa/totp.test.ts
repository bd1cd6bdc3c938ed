import { describe, expect, test } from 'vitest';
import { newTotpSecret, sealTotp, totpStep, totpUri, unsealTotp } from '@/lib/mfa/totp';

/** RFC 6238, appendix B: the SHA-1 rows. Their eight digits end in our six, since both are the value modulo 10^n. */
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const VECTORS: [seconds: number, code: string, step: number][] = [
  [59, '94287082', 0x1],
  [1111111109, '07081804', 0x23523ec],
  [1111111111, '14050471', 0x23523ed],
  [1234567890, '89005924', 0x273ef07],
  [2000000000, '69279037', 0x3f940aa],
  [20000000000, '65353130', 0x27bc86aa],
];

const at = (seconds: number) => new Date(seconds * 1000);

describe('a code of an authenticator app', () => {
  test.each(VECTORS)('at %i seconds is %s, of its step (RFC 6238, appendix B)', async (seconds, code, step) => {
    expect(await totpStep(SECRET, code.slice(2), at(seconds))).toBe(step);
  });

  test('is good one step before and one step after its own, and no further', async () => {
    const code = '279037';
    // Twenty seconds into its step.
    const own = 2000000000;
    const heard = await Promise.all(
      [-51, -50, 0, 39, 40].map(async (s) => [s, await totpStep(SECRET, code, at(own + s))]),
    );
    expect(heard.filter(([, step]) => step !== null).map(([s]) => s)).toEqual([-50, 0, 39]);
  });

  test.each(['', '12345', '1234567', 'abcdef', '١٢٣٤٥٦', ' 279037'])(
    'is nothing but six digits: “%s”',
    async (code) => {
      expect(await totpStep(SECRET, code, at(2000000000))).toBeNull();
    },
  );
});

test('a secret has 160 random bits, is sealed for this use alone, and named to the app by tenant and address', () => {
  const secret = newTotpSecret();
  expect(secret).toMatch(/^[A-Z2-7]{32}$/);
  expect(newTotpSecret()).not.toBe(secret);
  expect(sealTotp(secret)).not.toContain(secret);
  expect(unsealTotp(sealTotp(secret))).toBe(secret);
  const uri = new URL(totpUri(secret, 'Acme: Söns & Co', 'ada+x@x.example'));
  expect([uri.protocol, uri.searchParams.get('secret')]).toEqual(['otpauth:', secret]);
  expect(uri.searchParams.get('issuer')).toBe('Rollcall · Acme  Söns & Co');
  expect(decodeURIComponent(uri.pathname)).toContain('ada+x@x.example');
});
