import { refusalPage } from '@/lib/auth/refusal-page';
import { plainPolicy } from '@/lib/content-security';
import { escapeHtml } from '@/lib/escape-html';

/** The plain pages of these routes, for browsers in the middle of a redirect. They load no other resources. */
export const nobodyThere = (): Response =>
  refusalPage({
    status: 404,
    title: 'No single sign-on here',
    text: 'At this address nobody signs in by an identity provider.',
    link: { href: '/sign-in', label: 'Go to the sign-in page' },
  });

export const tooMany = (): Response =>
  refusalPage({
    status: 429,
    title: 'Too many tries',
    text: 'Wait a quarter of an hour.',
    link: { href: '/sign-in', label: 'Go to the sign-in page' },
  });

const GO_ON = 'document.forms[0].submit()';

/**
 * A page that submits itself to another site; without scripts it has a button. Its policy allows any https form target, since
 * a provider may redirect the form to another of its hosts.
 */
export function postForm(to: string, fields: Record<string, string>): Response {
  const inputs = Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
    .join('');
  const html =
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Going on · Rollcall</title></head>` +
    `<body><main><h1>Going on to your identity provider</h1><form method="post" action="${escapeHtml(to)}">${inputs}<button>Go on</button></form></main>` +
    `<script>${GO_ON}</script></body></html>`;
  return new Response(html, {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': plainPolicy({ script: GO_ON, formAction: `${new URL(to).origin} https:` }),
    },
  });
}
