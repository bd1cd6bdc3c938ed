import { createHash } from 'node:crypto';

/**
 * Content-Security-Policy: tells the browser what a document may run, load and send data to. Each document of the app has its own
 * nonce, which the framework puts on its scripts; plain pages list theirs by hash. No other inline script, style or handler runs,
 * whatever is injected into a page.
 */
const policy = (directives: Record<string, string>): string =>
  Object.entries({
    'default-src': "'none'",
    ...directives,
    'object-src': "'none'",
    'base-uri': "'none'",
    'frame-ancestors': "'none'",
  })
    .map(([name, sources]) => `${name} ${sources}`.trim())
    .join('; ');

type Mode = { secure: boolean; dev: boolean };

export const documentPolicy = (nonce: string, { secure, dev }: Mode): string =>
  policy({
    // Scripts loaded by a script with the nonce may run too: the framework's chunks.
    'script-src': `'nonce-${nonce}' 'strict-dynamic'${dev ? " 'unsafe-eval'" : ''}`,
    'style-src': `'self'${dev ? " 'unsafe-inline'" : ''}`,
    'img-src': "'self' data:",
    'font-src': "'self'",
    'connect-src': `'self'${dev ? ' ws:' : ''}`,
    'form-action': "'self'",
    ...(secure ? { 'upgrade-insecure-requests': '' } : {}),
  });

/** For a plain page: allows its one style or script by hash, the app's own images, and its form's target if it has one. */
export const plainPolicy = ({ style, script, formAction = "'none'" }: Plain): string =>
  policy({
    ...(style ? { 'style-src': hashOf(style) } : {}),
    ...(script ? { 'script-src': hashOf(script) } : {}),
    'img-src': "'self'",
    'form-action': formAction,
  });

type Plain = { style?: string; script?: string; formAction?: string };

/** For responses that are not documents. Opened as a document, such a response is displayed but can do nothing. */
export const NO_DOCUMENT = policy({ 'form-action': "'none'", sandbox: '' });

const hashOf = (source: string): string => `'sha256-${createHash('sha256').update(source).digest('base64')}'`;
