import type { ServerResponse } from 'node:http';

/**
 * Sends a document in one piece, with its length. The framework writes it in half a dozen chunks, head first, and each is a
 * system call: together they cost as much as a third of the page. No page here streams a later part, so nobody waits longer
 * for it; all other answers (exports, files) are streamed.
 */
export function wholeDocument(response: ServerResponse): void {
  const { write, end, flushHeaders } = response;
  let parts: Buffer[] = [];
  let statusOfParts = 0;
  const isDocument = () => String(response.getHeader('content-type')).startsWith('text/html');

  response.flushHeaders = () => {
    if (!isDocument()) flushHeaders.call(response);
  };
  response.write = ((...given: Parameters<typeof write>) => {
    if (!isDocument()) return write.apply(response, given);
    const [chunk, ...rest] = given as unknown as [string | Uint8Array, ...unknown[]];
    statusOfParts = response.statusCode;
    parts.push(bytesOf(chunk, rest[0]));
    const callback = rest.find((one) => typeof one === 'function');
    if (callback) process.nextTick(callback);
    return true;
  }) as typeof write;
  response.end = ((...given: Parameters<typeof end>) => {
    // An answer that replaces this one midway has another status.
    if (response.statusCode !== statusOfParts) parts = [];
    if (parts.length === 0) return end.apply(response, given);
    const [chunk, encoding] = given as unknown[];
    if (chunk !== undefined && chunk !== null && typeof chunk !== 'function')
      parts.push(bytesOf(chunk as string | Uint8Array, encoding));
    const body = Buffer.concat(parts);
    // With compression, the headers are fixed before the first chunk.
    if (!response.headersSent) response.setHeader('content-length', body.length);
    const callback = (given as unknown[]).find((one) => typeof one === 'function');
    return end.call(response, body, undefined as never, callback as () => void);
  }) as typeof end;
}

const bytesOf = (chunk: string | Uint8Array, encoding: unknown): Buffer =>
  typeof chunk === 'string'
    ? Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
    : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
