import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, test } from 'vitest';
import { trustForwarded } from '@/scripts/serve/forwarded';

const SOCKET = '198.51.100.9';

function after(headers: IncomingHttpHeaders, hops: number, socket: string | undefined = SOCKET): IncomingHttpHeaders {
  trustForwarded(headers, socket, hops);
  return headers;
}

describe('with no proxy of ours', () => {
  test('the address is the socket’s, whatever the client says', () => {
    const said = { 'x-forwarded-for': '203.0.113.1', 'x-real-ip': '203.0.113.1', forwarded: 'for=203.0.113.1' };
    expect(after(said, 0)).toEqual({ 'x-forwarded-for': SOCKET });
  });

  test('host, scheme and port are not the client’s to say', () => {
    const said = { host: 'ours', 'x-forwarded-host': 'evil', 'x-forwarded-proto': 'https', 'x-forwarded-port': '1' };
    expect(after(said, 0)).toEqual({ host: 'ours', 'x-forwarded-for': SOCKET });
  });

  test('an IPv4 address on an IPv6 socket is written as IPv4', () => {
    expect(after({}, 0, '::ffff:192.0.2.1')).toEqual({ 'x-forwarded-for': '192.0.2.1' });
    expect(after({}, 0, '2001:db8::1')).toEqual({ 'x-forwarded-for': '2001:db8::1' });
  });
});

describe('behind proxies of ours', () => {
  test.each([
    ['one proxy', 1, '203.0.113.1', '203.0.113.1'],
    ['one proxy, and a forged entry before it', 1, '10.0.0.1, 203.0.113.1', '203.0.113.1'],
    ['two proxies, and a forged entry before them', 2, '10.0.0.1, 203.0.113.1, 192.0.2.50', '203.0.113.1'],
    ['fewer entries than proxies', 3, '203.0.113.1', '203.0.113.1'],
    ['no entry at all', 1, undefined, SOCKET],
    ['an entry with a port', 1, '203.0.113.1:50012', '203.0.113.1'],
    ['an IPv6 entry', 1, '2001:db8::7', '2001:db8::7'],
    ['an IPv6 entry with a port', 1, '[2001:db8::7]:50012', '2001:db8::7'],
    ['an entry that is no address', 1, 'unknown', SOCKET],
  ])('%s', (_, hops, given, expected) => {
    const headers = given === undefined ? {} : { 'x-forwarded-for': given };
    expect(after(headers, hops)['x-forwarded-for']).toBe(expected);
  });

  test('host and scheme are theirs to say; what no one reads is dropped', () => {
    const said = {
      'x-forwarded-host': 'app.example',
      'x-forwarded-proto': 'https',
      forwarded: 'for=x',
      'x-real-ip': 'x',
    };
    expect(after(said, 1)).toEqual({
      'x-forwarded-for': SOCKET,
      'x-forwarded-host': 'app.example',
      'x-forwarded-proto': 'https',
    });
  });
});

test.each([0, 1])('the framework’s own signals never come from outside (%i proxies)', (hops) => {
  const forged = [
    'x-middleware-subrequest',
    'x-middleware-next',
    'x-middleware-set-cookie',
    'x-nextjs-data',
    'x-nextjs-rewritten-path',
    'x-invoke-path',
    'x-matched-path',
    'x-now-route-matches',
    'x-next-resume-state-length',
    'next-resume',
  ];
  expect(after(Object.fromEntries(forged.map((name) => [name, '1'])), hops)).toEqual({ 'x-forwarded-for': SOCKET });
});

test('what the browser’s side of the framework sends is left alone', () => {
  const real = { rsc: '1', 'next-action': 'a', 'next-router-state-tree': 't', 'x-nextjs-request-id': 'r' };
  expect(after({ ...real }, 0)).toEqual({ ...real, 'x-forwarded-for': SOCKET });
});
