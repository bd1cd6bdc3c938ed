import { plainPolicy } from '@/lib/content-security';
import { escapeHtml } from '@/lib/escape-html';

/**
 * Error pages of the proxy and the SAML routes. The proxy cannot render the app's pages, and thrown by a page they would be
 * an empty shell without scripts. Plain HTML that loads nothing.
 */
type Refusal = {
  status: 200 | 400 | 403 | 404 | 405 | 411 | 413 | 421 | 429 | 500 | 503;
  title: string;
  text: string;
  people?: string[];
  link?: { href: string; label: string };
  /** Lets the operator find the request in the log. */
  requestId?: string | undefined;
  retryAfterSeconds?: number;
};

const STYLE = `:root{color-scheme:light dark}body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px;box-sizing:border-box;
font:14px/1.5 -apple-system,BlinkMacSystemFont,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;color:light-dark(#1b1f24,#e8eaed);background:light-dark(#f7f8f9,#0f1115)}
main{max-width:440px}h1{font-size:20px;line-height:1.3;margin:4px 0 8px}p{margin:0 0 12px;color:light-dark(#545c66,#a5adb8)}
small{font-size:13px;color:light-dark(#545c66,#a5adb8)}ul{margin:0 0 16px;padding-left:18px}
a{display:inline-block;padding:5px 12px;border:1px solid light-dark(#858d98,#737c89);border-radius:7px;color:inherit;background:light-dark(#fff,#16191e);
font-weight:550;text-decoration:none}a:hover{background:light-dark(#eff1f3,#1e2228)}a:focus-visible{outline:2px solid light-dark(#2450c4,#93b4ff);outline-offset:2px}`;

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': plainPolicy({ style: STYLE }),
};

/** For when the database cannot be reached. */
export const OUT_OF_REACH = {
  status: 503,
  title: 'Not available at the moment',
  text: 'Rollcall cannot reach its data. Nothing was changed. Try again in a minute.',
  retryAfterSeconds: 30,
} as const;

export function refusalPage({
  status,
  title,
  text,
  people = [],
  link = { href: '/', label: 'Go to the start page' },
  requestId,
  retryAfterSeconds,
}: Refusal): Response {
  const list = people.length > 0 ? `<ul>${people.map((name) => `<li>${escapeHtml(name)}</li>`).join('')}</ul>` : '';
  const number = requestId ? `<p><small>Request ${escapeHtml(requestId)}</small></p>` : '';
  const html =
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">` +
    `<title>${escapeHtml(title)} · Rollcall</title><style>${STYLE}</style></head><body><main><small>${status}</small>` +
    `<h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>${list}${number}<p><a href="${escapeHtml(link.href)}">${escapeHtml(link.label)}</a></p></main></body></html>`;
  const headers: Record<string, string> = { ...HEADERS };
  if (retryAfterSeconds !== undefined) headers['retry-after'] = String(retryAfterSeconds);
  return new Response(html, { status, headers });
}
