import type { ParsedMail } from 'mailparser';
import { escapeHtml } from '@/lib/escape-html';

export type KeptMail = { id: string; mail: ParsedMail };

/** The list parses each of them on every request. */
export const MOST_SHOWN = 200;

/** No scripts and no forms. A link opens in a new page, which is not sandboxed. */
export const SANDBOX = 'allow-popups allow-popups-to-escape-sandbox';

export const STYLE = `:root{color-scheme:light dark}body{margin:0 auto;max-width:860px;padding:28px 20px;font:14px/1.5 system-ui,sans-serif;
background:light-dark(#f7f8f9,#0e1013);color:light-dark(#1a1e24,#e9ebee)}h1{font-size:20px;margin:0 0 4px}p{margin:0 0 16px}
small,.muted{color:light-dark(#5a626d,#a3abb7)}a{color:inherit}ul{list-style:none;margin:0;padding:0;border:1px solid light-dark(#dfe3e8,#2b3038);
border-radius:10px;background:light-dark(#fff,#16191e);overflow:hidden}li+li{border-top:1px solid light-dark(#dfe3e8,#2b3038)}
li a{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,2fr) auto;gap:14px;padding:10px 14px;text-decoration:none}
li a:hover{background:light-dark(#eff1f3,#1e2228)}span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
h2{font-size:15px;margin:20px 0 8px}iframe{width:100%;height:460px;border:1px solid light-dark(#dfe3e8,#2b3038);border-radius:10px;background:#fff}
pre{padding:14px;border:1px solid light-dark(#dfe3e8,#2b3038);border-radius:10px;white-space:pre-wrap;overflow-wrap:anywhere;background:light-dark(#fff,#16191e)}
details{margin:16px 0}summary{cursor:pointer}`;

const page = (title: string, body: string) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">` +
  `<title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body>${body}</body></html>`;

const time = (at: Date | undefined) => (at ? escapeHtml(at.toISOString().slice(0, 16).replace('T', ' ')) : '');

export const addressOf = (to: ParsedMail['to']): string =>
  [to ?? []]
    .flat()
    .map((each) => each.text)
    .join(', ');

export function inboxPage(mails: KeptMail[]): string {
  const rows = mails.map(
    ({ id, mail }) =>
      `<li><a href="/messages/${id}"><span>${escapeHtml(addressOf(mail.to))}</span><span>${escapeHtml(mail.subject ?? '(no subject)')}</span><small>${time(mail.date)} UTC</small></a></li>`,
  );
  const list =
    rows.length > 0
      ? `<ul>${rows.join('')}</ul>`
      : '<p class="muted">No mail yet. What Rollcall sends arrives here.</p>';
  const older =
    mails.length === MOST_SHOWN ? `<p class="muted">The newest ${MOST_SHOWN}; older ones stay as files.</p>` : '';
  return page(
    'Local mailbox',
    `<h1>Local mailbox</h1><p class="muted">Every mail of this machine’s Rollcall. Nothing here leaves it.</p>${list}${older}`,
  );
}

export function mailPage({ id, mail }: KeptMail): string {
  const lines = `To ${escapeHtml(addressOf(mail.to))}<br>From ${escapeHtml(mail.from?.text ?? '')}<br>${time(mail.date)} UTC`;
  return page(
    mail.subject ?? 'Mail',
    `<p><a href="/">All mail</a></p><h1>${escapeHtml(mail.subject ?? '(no subject)')}</h1><p class="muted">${lines}</p>` +
      (mail.html ? `<iframe sandbox="${SANDBOX}" src="/messages/${id}/html" title="The mail as HTML"></iframe>` : '') +
      `<h2>As text</h2><pre>${linked(mail.text ?? '')}</pre>` +
      `<details><summary>Headers</summary><pre>${escapeHtml(mail.headerLines.map(({ line }) => line).join('\n'))}</pre></details>`,
  );
}

/** The mail's own HTML. Its links open outside the frame, because the product does not allow framing. */
export const framedPage = ({ mail }: KeptMail) =>
  (mail.html || '').replace(
    /^(?:\s*<!doctype[^>]*>)?(?:\s*<html[^>]*>)?(?:\s*<head[^>]*>)?/i,
    '$&<base target="_blank">',
  );

const linked = (text: string) =>
  escapeHtml(text).replace(/https?:\/\/[^\s<]+/g, (url) => `<a href="${url}">${url}</a>`);

export const notFoundPage = () => page('Not found', '<h1>There is no such mail</h1><p><a href="/">All mail</a></p>');
