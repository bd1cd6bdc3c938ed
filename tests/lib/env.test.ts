import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EnvError, parseEnv, parseLaunchEnv } from '@/lib/env';

const GOOD = {
  NODE_ENV: 'test',
  DATABASE_URL: 'postgres://user:password@db.example/rollcall',
  SMTP_URL: 'smtps://mail.example',
  AUTH_SECRET: 'x'.repeat(32),
  SEALING_KEY: Buffer.alloc(32, 1).toString('base64'),
} as const;

const sentencesOf = (wrong: Record<string, string | undefined>): string[] => {
  try {
    parseEnv({ ...GOOD, ...wrong });
    return [];
  } catch (error) {
    if (!(error instanceof EnvError)) throw error;
    return error.message.split('\n');
  }
};

describe('a wrong variable is named in a sentence', () => {
  test.each([
    ['PORT', 'abc', 'must be a whole number from 1 to 65535'],
    ['PORT', '0', 'must be a whole number from 1 to 65535'],
    ['PORT', '65536', 'must be a whole number from 1 to 65535'],
    ['WEB_CONCURRENCY', '0', 'must be a whole number from 1 to 64'],
    ['APP_URL', 'rollcall.example', 'must be a URL that starts with http:// or https://'],
    ['APP_URL', 'https://example.com/app', 'must be an origin without a path'],
    ['DATABASE_URL', 'mysql://db.example/rollcall', 'must be a URL that starts with postgres:// or postgresql://'],
    ['DATABASE_POOL_SIZE', '0', 'must be a whole number from 1 to 500'],
    ['DATABASE_POOL_SIZE', '2.5', 'must be a whole number from 1 to 500'],
    ['SMTP_URL', 'mail.example:25', 'must be a URL that starts with smtp:// or smtps://'],
    ['MAIL_FROM', 'nobody', 'must be a sender such as "Rollcall <no-reply@example.com>"'],
    ['MAIL_FROM', 'a@b.example\nBcc: c@d.example', 'must be a sender such as "Rollcall <no-reply@example.com>"'],
    ['AUTH_SECRET', 'short', 'must have at least 32 characters'],
    ['SEALING_KEY', 'c2hvcnQ=', 'must be 32 random bytes in base64'],
    ['TRUSTED_PROXIES', '11', 'must be a whole number from 0 to 10'],
    ['TRUSTED_PROXIES', '-1', 'must be a whole number from 0 to 10'],
  ])('%s=%s', (name, value, why) => {
    expect(sentencesOf({ [name]: value })).toEqual([`${name} ${why}.`]);
  });

  test('every wrong one at once, each on a line of its own', () => {
    expect(sentencesOf({ PORT: 'x', AUTH_SECRET: 'short', SMTP_URL: undefined })).toEqual([
      'PORT must be a whole number from 1 to 65535.',
      'SMTP_URL is not set.',
      'AUTH_SECRET must have at least 32 characters.',
    ]);
  });

  test('the value, which may be a secret, is not repeated', () => {
    const secret = 'hunter2-hunter2';
    expect(sentencesOf({ AUTH_SECRET: secret, SEALING_KEY: secret, DATABASE_URL: secret }).join()).not.toContain(
      secret,
    );
  });
});

test('an empty line counts as not set', () => {
  expect(sentencesOf({ PORT: '', APP_URL: '', HOST: '' })).toEqual([]);
  expect(sentencesOf({ AUTH_SECRET: '' })).toEqual(['AUTH_SECRET is not set.']);
});

test('the address is an origin, and follows the port unless it is given', () => {
  expect(parseEnv({ ...GOOD, PORT: '4000' }).APP_URL).toBe('http://localhost:4000');
  expect(parseEnv({ ...GOOD, APP_URL: 'https://rollcall.example/' }).APP_URL).toBe('https://rollcall.example');
});

test('the launcher may be given nothing; the app may not', () => {
  expect(parseLaunchEnv({ NODE_ENV: 'test' })).toMatchObject({ PORT: 3000, DATA_DIR: '.data', TRUSTED_PROXIES: 0 });
  expect(() => parseEnv({ NODE_ENV: 'test' })).toThrow(EnvError);
});

test('a database of one’s own asks for secrets of one’s own, which every host must share', () => {
  const { DATABASE_URL, SEALING_KEY, AUTH_SECRET } = GOOD;
  const launch = (given: object) => () => parseLaunchEnv({ NODE_ENV: 'test', DATABASE_URL, ...given });
  expect(launch({ AUTH_SECRET })).toThrow(/^SEALING_KEY is not set\. With DATABASE_URL it must be/);
  expect(launch({ SEALING_KEY })).toThrow(/^AUTH_SECRET is not set\. With DATABASE_URL it must be/);
  expect(launch({ AUTH_SECRET, SEALING_KEY })).not.toThrow();
});

describe('.env.example', () => {
  const example = readFileSync('.env.example', 'utf8');
  const lines = [...example.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value] as const);

  test('lists exactly the variables that are read', () => {
    // The shape is the list: each variable stands at the start of its line there.
    const source = readFileSync('lib/env.ts', 'utf8');
    const shape = source.slice(source.indexOf('const shape = {'), source.indexOf('const schema ='));
    const read = [...shape.matchAll(/^ {2}([A-Z_]+):/gm)].map(([, name]) => name);
    expect(read.length).toBeGreaterThan(10);
    expect(lines.map(([name]) => name).sort()).toEqual(read.sort());
  });

  test('copied as it is, starts the product', () => {
    const values = Object.fromEntries(lines.map(([name, value]) => [name, value.replace(/^"(.*)"$/, '$1')]));
    expect(parseLaunchEnv({ NODE_ENV: 'test', ...values })).toEqual(parseLaunchEnv({ NODE_ENV: 'test' }));
  });
});
