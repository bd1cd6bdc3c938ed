import { createHash } from 'node:crypto';

/**
 * Content-Security-Policy: what a document may run, load and send to, told to the browser that shows it. Each document of
 * the app has a nonce of its own, which the framework puts on its scripts; the plain pages name theirs by hash. No inline
 * script, style or handler runs besides these, whatever gets into a page.
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
    // What a script with the nonce loads may run too: the framework's chunks.
    'script-src': `'nonce-${nonce}' 'strict-dynamic'${dev ? " 'unsafe-eval'" : ''}`,
    'style-src': `'self'${dev ? " 'unsafe-inline'" : ''}`,
    'img-src': "'self' data:",
    'font-src': "'self'",
    'connect-src': `'self'${dev ? ' ws:' : ''}`,
    'form-action': "'self'",
    ...(secure ? { 'upgrade-insecure-requests': '' } : {}),
  });

/** For a page that loads nothing: its one style or script by hash, its form's target if it has one. */
export const plainPolicy = ({ style, script, formAction = "'none'" }: Plain): string =>
  policy({
    ...(style ? { 'style-src': hashOf(style) } : {}),
    ...(script ? { 'script-src': hashOf(script) } : {}),
    'img-src': "'self'",
    'form-action': formAction,
  });

type Plain = { style?: string; script?: string; formAction?: string };

/** For what is no document: opened as one, it is shown and does nothing. */
export const NO_DOCUMENT = policy({ 'form-action': "'none'", sandbox: '' });

const hashOf = (source: string): string => `'sha256-${createHash('sha256').update(source).digest('base64')}'`;
