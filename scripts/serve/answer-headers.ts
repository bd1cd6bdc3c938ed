import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { documentPolicy, NO_DOCUMENT } from '@/lib/content-security';

/**
 * Headers of every answer, whatever made it: a page, a route, the gate, the framework or this server itself. An answer that
 * has set one of these keeps its own.
 */
const NOT_USED = [
  'accelerometer',
  'autoplay',
  'camera',
  'clipboard-read',
  'display-capture',
  'encrypted-media',
  'fullscreen',
  'gamepad',
  'geolocation',
  'gyroscope',
  'hid',
  'identity-credentials-get',
  'idle-detection',
  'keyboard-map',
  'local-fonts',
  'magnetometer',
  'microphone',
  'midi',
  'otp-credentials',
  'payment',
  'picture-in-picture',
  'screen-wake-lock',
  'serial',
  'storage-access',
  'usb',
  'window-management',
  'xr-spatial-tracking',
];
/** For passkeys and the copy buttons. */
const USED = ['clipboard-write', 'publickey-credentials-create', 'publickey-credentials-get'];

const OF_EVERY_ANSWER = {
  'x-content-type-options': 'nosniff',
  // Not no-referrer, which makes forms send `Origin: null`. Links with tokens are sent to no other site.
  'referrer-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};
const OF_DOCUMENTS = {
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': [...NOT_USED.map((name) => `${name}=()`), ...USED.map((name) => `${name}=(self)`)].join(', '),
};
const HSTS = { 'strict-transport-security': 'max-age=63072000; includeSubDomains' };

export function answerHeaders(request: IncomingMessage, response: ServerResponse, mode: Mode): void {
  const nonce = randomBytes(16).toString('base64');
  const policy = documentPolicy(nonce, mode);
  // The framework reads the nonce for its scripts from this header; a client cannot choose it.
  request.headers['content-security-policy'] = policy;
  delete request.headers['content-security-policy-report-only'];

  const { writeHead } = response;
  response.writeHead = ((status: number, ...rest: []) => {
    // A 304 refers to a document that the browser already has, with the policy it came with.
    if (status !== 304) fill(response, headersFor(response, policy, mode));
    if (mode.secure) secureCookies(response);
    return writeHead.call(response, status, ...rest);
  }) as ServerResponse['writeHead'];
}

type Mode = { secure: boolean; dev: boolean };

function headersFor(response: ServerResponse, policy: string, { secure }: Mode): Record<string, string> {
  const isDocument = String(response.getHeader('content-type')).startsWith('text/html');
  return {
    'content-security-policy': isDocument ? policy : NO_DOCUMENT,
    // Not cached anywhere, unless the answer sets its own value.
    'cache-control': 'no-store',
    ...OF_EVERY_ANSWER,
    ...(isDocument ? OF_DOCUMENTS : {}),
    ...(secure ? HSTS : {}),
  };
}

/** Over HTTPS all our cookies are Secure, whatever has set them. */
function secureCookies(response: ServerResponse): void {
  const cookies = [response.getHeader('set-cookie') ?? []].flat().map(String);
  if (cookies.length > 0)
    response.setHeader(
      'set-cookie',
      cookies.map((cookie) => (/; *secure *(?:;|$)/i.test(cookie) ? cookie : `${cookie}; Secure`)),
    );
}

function fill(response: ServerResponse, headers: Record<string, string>): void {
  for (const [name, value] of Object.entries(headers)) if (!response.hasHeader(name)) response.setHeader(name, value);
}
