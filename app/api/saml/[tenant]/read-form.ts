import { bodyText } from '@/lib/body-text';

/** 256 kB of XML in base64, percent-encoded, and a RelayState. */
const MOST_BYTES = 1_100_000;

/** Reads a form as browsers post it. Callers answer `too-large` with 413 and `no-form` with 400. */
export async function readForm(request: Request): Promise<URLSearchParams | 'too-large' | 'no-form'> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') return 'no-form';
  if (Number(request.headers.get('content-length') ?? 0) > MOST_BYTES) return 'too-large';
  const read = await bodyText(request.body, MOST_BYTES);
  if (read === 'broken-off' || read === 'not-utf-8') return 'no-form';
  return read === 'too-large' ? read : new URLSearchParams(read.text);
}
