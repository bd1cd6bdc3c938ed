/**
 * The body of a request as text, with never more of it in memory than is allowed, whatever its header says. That a client
 * goes away in the middle is its own affair.
 */
export async function bodyText(
  body: ReadableStream<Uint8Array> | null,
  mostBytes: number,
): Promise<{ text: string } | 'too-large' | 'broken-off'> {
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
  return { text: Buffer.concat(chunks).toString('utf8') };
}
