import { plainPolicy } from '@/lib/content-security';
import { escapeHtml } from '@/lib/escape-html';

/**
 * The pages that the proxy and the SAML routes answer with: the proxy cannot render the app's, and thrown by a page they would be an empty
 * shell without scripts. Plain HTML with nothing to load.
 */
type Refusal = {
  status: 200 | 400 | 403 | 404 | 405 | 411 | 413 | 421 | 429 | 500 | 503;
  title: string;
  text: string;
  people?: string[];
  link?: { href: string; label: string };
  /** By which the operator finds it in the log. */
  requestId?: string | undefined;
};

const STYLE = `:root{color-scheme:light dark}body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px;box-sizing:border-box;
font:15px/1.55 system-ui,-apple-system,"Segoe UI",sans-serif;color:light-dark(#1b1f24,#e8eaed);background:light-dark(#f7f8f9,#0f1115)}
main{max-width:440px}h1{font-size:20px;line-height:1.3;margin:4px 0 8px}p{margin:0 0 12px;color:light-dark(#545c66,#a5adb8)}
small{font-size:13px;color:light-dark(#545c66,#a5adb8)}ul{margin:0 0 16px;padding-left:18px}
a{color:inherit;font-weight:600;text-underline-offset:3px}a:focus-visible{outline:2px solid light-dark(#2f5bd7,#8fb0ff);outline-offset:3px;border-radius:3px}`;

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': plainPolicy({ style: STYLE }),
};

export function refusalPage({
  status,
  title,
  text,
  people = [],
  link = { href: '/', label: 'Go to the start page' },
  requestId,
}: Refusal): Response {
  const list = people.length > 0 ? `<ul>${people.map((name) => `<li>${escapeHtml(name)}</li>`).join('')}</ul>` : '';
  const number = requestId ? `<p><small>Request ${escapeHtml(requestId)}</small></p>` : '';
  const html =
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">` +
    `<title>${escapeHtml(title)} · Rollcall</title><style>${STYLE}</style></head><body><main><small>${status}</small>` +
    `<h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>${list}<p><a href="${escapeHtml(link.href)}">${escapeHtml(link.label)}</a></p>${number}</main></body></html>`;
  return new Response(html, { status, headers: HEADERS });
}
