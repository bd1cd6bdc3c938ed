import { describe, expect, test } from 'vitest';
import { hashPassword, passwordProblem, verifyPassword } from '@/lib/crypto/password';
import { seal, unseal } from '@/lib/crypto/seal';
import { hashToken, newToken } from '@/lib/crypto/tokens';
import { env } from '@/lib/env';

describe('a sealed text', () => {
  test('is opened for its purpose only, unaltered, with its key', () => {
    const sealed = seal('the link', 'invitation-link');
    expect(sealed).not.toContain('the link');
    expect(unseal(sealed, 'invitation-link')).toBe('the link');
    expect(unseal(sealed, 'mail')).toBeNull();
    for (const altered of [`${sealed.slice(0, -2)}zz`, sealed.slice(0, -4), sealed.slice(1), '', 'v1.', 'v1.AAAA']) {
      expect(unseal(altered, 'invitation-link')).toBeNull();
    }
    const key = env().SEALING_KEY;
    env().SEALING_KEY = Buffer.alloc(32, 8).toString('base64');
    expect(unseal(sealed, 'invitation-link')).toBeNull();
    env().SEALING_KEY = key;
  });

  test('differs each time', () => {
    expect(seal('x', 'mail')).not.toBe(seal('x', 'mail'));
  });
});

test('a token has 256 bits and its hash tells nothing of it', () => {
  expect(Buffer.from(newToken(), 'base64url')).toHaveLength(32);
  expect(new Set(Array.from({ length: 1000 }, newToken)).size).toBe(1000);
  expect(hashToken('a')).toBe('ypeBEsobvcr6wjGzmiPcTaeG7_gUfE5yuYB3ha_uSLs');
});

describe('a password', () => {
  test('is kept as argon2id with its own salt, and verified', async () => {
    const hash = await hashPassword('violet tractor ninety-one');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await hashPassword('violet tractor ninety-one')).not.toBe(hash);
    expect(await verifyPassword(hash, 'violet tractor ninety-one')).toBe(true);
    expect(await verifyPassword(hash, 'Violet tractor ninety-one')).toBe(false);
  });

  test('nobody has is verified by as much work', async () => {
    const hash = await hashPassword('violet tractor ninety-one');
    // The quickest of ten, taken in turn: a busy machine makes some slow, and none quick.
    const took = { known: Number.POSITIVE_INFINITY, unknown: Number.POSITIVE_INFINITY };
    for (let i = 0; i < 10; i++) {
      for (const [which, against] of [
        ['known', hash],
        ['unknown', null],
      ] as const) {
        const began = performance.now();
        expect(await verifyPassword(against, 'wrong')).toBe(false);
        took[which] = Math.min(took[which], performance.now() - began);
      }
    }
    const ratio = took.unknown / took.known;
    expect(ratio).toBeGreaterThan(0.4);
    expect(ratio).toBeLessThan(2.5);
  });

  test.each([
    ['eleven char', 'password-short'],
    ['twelve chars', null],
    ['p'.repeat(129), 'password-long'],
    [`${'🦊'.repeat(6)}кот кит дом`, null],
    ['password1234', 'password-common'],
    ['qwertyuiop12', 'password-common'],
    ['aaaaaaaaaaaaaaaa', 'password-common'],
    ['123456789012', 'password-common'],
    ['my ada@acme.example!', 'password-personal'],
    ['ACME-inc is great', 'password-personal'],
    ['rollcall rollcall', 'password-personal'],
    ['Roll-Call-Roll-Call', 'password-personal'],
    ['ACME.example.2026!', 'password-personal'],
    ['inc-acme-ada-1815', 'password-personal'],
    ['ada reads old books', null],
    ['correct horse battery', null],
    [' leading and trailing ', null],
  ])('“%s” is judged: %s', (password, problem) => {
    expect(passwordProblem(password, ['ada@acme.example', 'Acme-Inc'])).toBe(problem);
  });
});
