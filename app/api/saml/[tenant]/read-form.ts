/** 256 kB of XML in base64, percent-encoded, and a RelayState. */
const MOST_BYTES = 1_100_000;

/**
 * A form as browsers post it, read in bounded memory: what is longer is not read to its end. `too-large` and `no-form` are
 * the answers 413 and 400.
 */
export async function readForm(request: Request): Promise<URLSearchParams | 'too-large' | 'no-form'> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') return 'no-form';
  if (Number(request.headers.get('content-length') ?? 0) > MOST_BYTES) return 'too-large';
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > MOST_BYTES) return 'too-large';
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
