import type { ServerResponse } from 'node:http';

/**
 * A page that throws comes from Next as an empty document that only scripts fill. A plain page is sent in its place, to
 * browsers with scripts too; a view that its client fetched is no document, and still shown by `app/error.tsx`.
 */
export function readableFailure(response: ServerResponse, page: string, policy: string): void {
  const { writeHead, write, end } = response;
  let failed = false;
  let told = false;
  response.writeHead = ((status: number, ...rest: []) => {
    if (status === 500 && String(response.getHeader('content-type')).startsWith('text/html')) {
      failed = true;
      // Those of the document that is not sent.
      for (const name of ['content-encoding', 'link', 'etag']) response.removeHeader(name);
      response.setHeader('content-length', Buffer.byteLength(page));
      response.setHeader('content-security-policy', policy);
    }
    return writeHead.call(response, status, ...rest);
  }) as ServerResponse['writeHead'];

  const isTold = (): boolean => {
    if (!response.headersSent && response.statusCode === 500) response.writeHead(500);
    if (failed && !told) {
      told = true;
      end.call(response, page, 'utf8');
    }
    return failed;
  };
  response.write = ((...given: Parameters<typeof write>) => isTold() || write.apply(response, given)) as typeof write;
  response.end = ((...given: Parameters<typeof end>) =>
    isTold() ? response : end.apply(response, given)) as typeof end;
}
