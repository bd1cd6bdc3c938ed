import { escapeHtml } from '@/lib/escape-html';
/** A composed message. Its text and HTML are built from the same parts, in the same order. */
export type Message = { subject: string; text: string; html: string };

type Parts = {
  subject: string;
  title: string;
  paragraphs: string[];
  link?: { label: string; url: string };
  /** Shown below the link, smaller. */
  footnotes: string[];
};

/** Names are user input: a line break in one must not start a header or a second line of the subject. */
const oneLine = (text: string) => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();

export function message({ subject, title, paragraphs, link, footnotes }: Parts): Message {
  const p = (text: string, style: string) => `<p style="${style}">${escapeHtml(oneLine(text))}</p>`;
  const body = 'margin:0 0 16px;font-size:15px;line-height:1.5;color:#1f2328';
  const small = 'margin:0 0 8px;font-size:13px;line-height:1.5;color:#59636e';
  const button = link
    ? `<p style="margin:24px 0"><a href="${escapeHtml(link.url)}" style="display:inline-block;padding:10px 18px;border-radius:6px;background:#1f2328;color:#ffffff;font-size:15px;text-decoration:none">${escapeHtml(link.label)}</a></p>` +
      `<p style="${small}">Or open this address:<br><a href="${escapeHtml(link.url)}" style="color:#0550ae;word-break:break-all">${escapeHtml(link.url)}</a></p>`
    : '';
  return {
    subject: oneLine(subject),
    text: [title, ...paragraphs, ...(link ? [`${link.label}:\n${link.url}`] : []), ...footnotes]
      .map((part) => (link && part.endsWith(link.url) ? part : oneLine(part)))
      .join('\n\n'),
    html:
      '<!doctype html><html lang="en"><body style="margin:0;padding:24px;background:#f6f8fa;font-family:system-ui,-apple-system,Segoe UI,sans-serif">' +
      '<div style="max-width:520px;margin:0 auto;padding:32px;border-radius:8px;background:#ffffff">' +
      `<h1 style="margin:0 0 16px;font-size:20px;line-height:1.3;color:#1f2328">${escapeHtml(oneLine(title))}</h1>` +
      paragraphs.map((text) => p(text, body)).join('') +
      button +
      footnotes.map((text) => p(text, small)).join('') +
      '</div></body></html>',
  };
}

const EXACT = new Intl.DateTimeFormat('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});

/** Mails name UTC, since the reader's time zone is unknown. */
export const exactly = (at: Date): string => `${EXACT.format(at)} UTC`;
