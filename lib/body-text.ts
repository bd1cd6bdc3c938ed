/**
 * The body of a request as text (UTF-8, which nothing is guessed into), with never more of it in memory than is allowed, whatever its header says. That a client
 * goes away in the middle is its own affair.
 */
export async function bodyText(
  body: ReadableStream<Uint8Array> | null,
  mostBytes: number,
): Promise<{ text: string } | 'too-large' | 'broken-off' | 'not-utf-8'> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength;
      if (bytes > mostBytes) return 'too-large';
      chunks.push(chunk);
    }
  } catch {
    return 'broken-off';
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)) };
  } catch {
    return 'not-utf-8';
  }
}
