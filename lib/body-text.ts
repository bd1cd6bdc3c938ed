/**
 * Reads a request body as UTF-8 text, without guessing another encoding. Stops reading beyond `mostBytes`, whatever
 * Content-Length says. A client that disconnects gives 'broken-off', not an error.
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
